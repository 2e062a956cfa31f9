import { readEnv } from '@/lib/env';
import { newSecret, Secrets } from '@/lib/secrets';
import { connect } from '@/lib/store/connect';
import { createLoginCode } from '@/lib/store/sessions';
import { loadDataSecrets } from './data-secrets';
import { readRunning } from './running-file';
import { isStartError, StartError } from './start-error';

/** `npm run login`: a new single-use link for the built-in admin of the running Offpeak. */
async function printLogin(): Promise<void> {
  const config = readEnv();
  const running = await readRunning(config.dataDir);
  if (!running) throw new StartError(`No Offpeak is running on ${config.dataDir}; start it first.`);
  const { secretKey } = await loadDataSecrets(config.dataDir);
  const secrets = new Secrets(config.secretKey ?? secretKey);
  const pools = connect(running.databaseUrl);
  const code = newSecret('opc_');
  await createLoginCode(pools.admin, secrets.hmacSession(code), new Date());
  await pools.close();
  process.stdout.write(`Login: ${running.origin}/login#${code}\n`);
}

printLogin().catch((error: unknown) => {
  process.stderr.write(`${isStartError(error) ? error.message : 'The login link could not be made.'}\n`);
  process.exitCode = 1;
});
