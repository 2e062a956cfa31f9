import { methods, route } from '@/app/_server';
import { DOORS } from '@/lib/contract/doors';
import type { Running } from '@/lib/contract/running';
import { DAY_MS } from '@/lib/core/duration';
import type { Deps } from '@/lib/deps';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/settings'], async ({ deps: { config } }) => ({
    settings: settingsOf(config),
    upstreamKeys: [...config.upstreamKeys.keys()].sort((a, b) => Number(b === 'default') - Number(a === 'default')),
    process: { pid: process.pid, node: process.version, uptimeSeconds: Math.floor(process.uptime()) },
  })),
});

type Setting = Running['settings'][number];

function settingsOf(config: Deps['config']): Setting[] {
  const onOff = (value: boolean) => (value ? 'on' : 'off');
  const days = (ms: number) => `${ms / DAY_MS}d`;
  const plain: readonly (readonly [string, string])[] = [
    ['OFFPEAK_ROLE', config.role],
    ['HOST', config.host],
    ['PORT', String(config.port)],
    ['OFFPEAK_ADMIN_PORT', config.adminPort === null ? 'none' : String(config.adminPort)],
    ['OFFPEAK_PUBLIC_URL', config.publicUrl ?? 'the listen origin'],
    ['OFFPEAK_TRUSTED_PROXIES', config.trustedProxies.join(', ') || 'none'],
    ['OFFPEAK_DOOR', config.door],
    ['DATABASE_URL', databaseOf(config.databaseUrl)],
    ['OFFPEAK_DATA_DIR', config.dataDir],
    ['OFFPEAK_UPSTREAM_URL', config.upstreamUrl],
    [
      'OFFPEAK_UPSTREAM_KEYS',
      [...config.upstreamKeys.keys()].filter((name) => name !== 'default').join(', ') || 'none',
    ],
    ['OFFPEAK_PASSTHROUGH', onOff(config.passthrough)],
    ['OFFPEAK_LOG_BODIES', onOff(config.logBodies)],
    ['OFFPEAK_LOG_RETENTION', days(config.retention.log)],
    ['OFFPEAK_BODY_RETENTION', days(config.retention.bodies)],
    ['OFFPEAK_DRAIN_SECONDS', String(config.drainMs / 1_000)],
    ['OFFPEAK_SIM_TIME_SCALE', String(config.simTimeScale)],
  ];
  const secret: readonly (readonly [string, boolean, string])[] = [
    ['ANTHROPIC_API_KEY', config.upstreamKeys.has('default'), 'not set'],
    ['OFFPEAK_ADMIN_TOKEN', config.adminToken !== null, 'generated'],
    ['OFFPEAK_API_KEY', config.apiKey !== null, 'not set'],
    ['OFFPEAK_SECRET_KEY', config.secretKey !== null, 'generated'],
    ['OFFPEAK_ALERT_URL', config.alertUrl !== null, 'not set'],
  ];
  return [
    ...plain.map(([name, value]) => ({ name, value, secret: false })),
    ...secret.map(([name, isSet, otherwise]) => ({ name, value: isSet ? 'set' : otherwise, secret: true })),
  ];
}

/** Where it is, without who asks. */
function databaseOf(url: string | null): string {
  if (url === null) return 'embedded';
  const { host, pathname } = new URL(url);
  return `postgres://${host}${pathname}`;
}
