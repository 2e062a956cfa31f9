import { parseArgs } from 'node:util';
import { startSimulator } from './start-simulator';
import type { TurnaroundConfig } from './turnaround';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    seed: { type: 'string', default: '1' },
    'time-scale': { type: 'string', default: '1' },
    'control-port': { type: 'string', default: '0' },
    'control-token': { type: 'string' },
    'state-file': { type: 'string' },
    'id-nonce': { type: 'string' },
    'rate-limits': { type: 'string' },
    instant: { type: 'boolean', default: false },
    /** Ends with its parent, whose pipe on stdin closes even when it is killed. */
    'watch-stdin': { type: 'boolean', default: false },
    /** JSON of a partial synchronous latency configuration. */
    sync: { type: 'string' },
    /** Newest requests and ledger entries to keep; small numbers make a benchmark's upstream lighter. */
    'recorded-requests': { type: 'string', default: '10000' },
    'ledger-entries': { type: 'string', default: '250000' },
    'turnaround-ms': { type: 'string' },
    /** JSON of a partial turnaround configuration. */
    turnaround: { type: 'string' },
  },
});

const turnaround: Partial<TurnaroundConfig> = {
  ...(values.turnaround === undefined ? {} : JSON.parse(values.turnaround)),
  ...(values['turnaround-ms'] === undefined ? {} : { fixedMs: Number(values['turnaround-ms']) }),
};
const tier = values['rate-limits'];
const simulator = await startSimulator({
  port: Number(values.port),
  host: values.host,
  seed: Number(values.seed),
  timeScale: Number(values['time-scale']),
  controlPort: Number(values['control-port']),
  recordedRequests: Number(values['recorded-requests']),
  ledgerEntries: Number(values['ledger-entries']),
  sync: { instant: values.instant, ...(values.sync === undefined ? {} : JSON.parse(values.sync)) },
  turnaround,
  ...(values['control-token'] === undefined ? {} : { controlToken: values['control-token'] }),
  ...(values['id-nonce'] === undefined ? {} : { idNonce: values['id-nonce'] }),
  ...(values['state-file'] === undefined ? {} : { stateFile: values['state-file'] }),
  ...(tier === 'start' || tier === 'build' || tier === 'scale' || tier === 'off' ? { rateLimits: tier } : {}),
});
const { url, controlUrl, controlToken } = simulator;
process.stdout.write(`${JSON.stringify({ url, controlUrl, controlToken })}\n`);

let stopping = false;
const stop = () => {
  if (stopping) return;
  stopping = true;
  simulator.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
if (values['watch-stdin']) process.stdin.on('end', stop).resume();
