import autocannon from 'autocannon';
import type { Load, LoadResult } from './load';

/** One load run; its own process, so that it measures the proxy and not itself. Prints a `LoadResult`. */
const load = JSON.parse(process.argv[2] ?? '{}') as Load;
const latencies: number[] = [];
const body = JSON.stringify({
  model: 'claude-sonnet-5-5',
  max_tokens: 200,
  messages: [{ role: 'user', content: 'Why is the night so cheap? '.repeat(20) }],
  ...(load.stream && { stream: true }),
});
const run = autocannon(
  {
    url: `${load.url}/v1/messages`,
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-api-key': load.key, 'anthropic-version': '2023-06-01' },
    connections: load.connections,
    duration: load.seconds,
  },
  (_error, report) => {
    latencies.sort((a, b) => a - b);
    const rank = (p: number) => latencies[Math.max(0, Math.ceil(p * latencies.length) - 1)] ?? Number.NaN;
    const result: LoadResult = {
      perSecond: latencies.length / report.duration,
      p50: rank(0.5),
      p99: rank(0.99),
      errors: report.errors + report.non2xx,
    };
    process.stdout.write(JSON.stringify(result));
  },
);
// Its own histogram counts whole milliseconds; the event has fractions.
run.on('response', (_client, _status, _bytes, ms) => latencies.push(ms));
