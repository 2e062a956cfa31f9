import { parentPort, workerData } from 'node:worker_threads';
import { compilePolicy } from '@/lib/core/policy/compile';
import { connect } from '@/lib/store/connect';
import { backtestAnswer } from './backtest-answer';
import { backtestLog } from './backtest-log';
import type { BacktestJob, FromWorker } from './start-backtest';

// A thread of its own, with connections of its own: however long it counts, no call waits for it.
const { databaseUrl, document, upstream, range, now } = workerData as BacktestJob;
const tell = (message: FromWorker) => parentPort?.postMessage(message);
const pools = connect(databaseUrl);
const policy = compilePolicy(document, { version: 0, paused: false });

const result = await backtestLog(pools, policy, { upstream, range, now }, (progress) => tell({ progress }));
tell({ result: backtestAnswer(result, range) });
await pools.close();
