import { createHash } from 'node:crypto';
import type { Config } from '@/lib/env';
import { newSecret, type Secrets } from '@/lib/secrets';
import type { Pools } from '@/lib/store/connect';
import { ensureSeedKey, hasKeys, keySecret } from '@/lib/store/keys';
import { ensureBuiltInAdmin } from '@/lib/store/operators';
import { seedShippedPrices } from '@/lib/store/prices';
import { claimSecret } from '@/lib/store/settings';
import { hasServedRealUpstream } from '@/lib/store/upstreams';
import { StartError } from './start-error';

/**
 * What every database needs before the first call: our prices, the built-in admin, and on the very first start a key.
 * Answers that key's secret, the only time it can be told.
 * @throws StartError when the database belongs to another root secret, or to a real upstream.
 */
export async function seed(
  config: Config,
  pools: Pools,
  secrets: Secrets,
  root: { secretKey: string; adminToken: string },
): Promise<{ firstKey: string | null }> {
  const fingerprint = createHash('sha256').update(`offpeak-fingerprint:${root.secretKey}`).digest('hex');
  if ((await claimSecret(pools.hot, fingerprint)) === 'taken') {
    throw new StartError(
      'This database was made with another OFFPEAK_SECRET_KEY; set the one it was made with, on every replica.',
    );
  }
  if (config.upstreamUrl === 'simulator' && !config.upstreamChosen && (await hasServedRealUpstream(pools.hot))) {
    throw new StartError(
      'This database has served a real upstream, but no ANTHROPIC_API_KEY is set; set it, or OFFPEAK_UPSTREAM_URL=simulator to simulate on purpose.',
    );
  }
  await seedShippedPrices(pools.admin);
  await ensureBuiltInAdmin(pools.admin, secrets.hmacSession(root.adminToken));
  if (config.apiKey) {
    await addKey(pools, secrets, config.apiKey);
    return { firstKey: null };
  }
  if (await hasKeys(pools.hot)) return { firstKey: null };
  const firstKey = newSecret('opk_');
  await addKey(pools, secrets, firstKey);
  return { firstKey };
}

async function addKey(pools: Pools, secrets: Secrets, secret: string): Promise<void> {
  await ensureSeedKey(pools.admin, { name: 'default', ...keySecret(secret, (text) => secrets.hmacKey(text)) });
}
