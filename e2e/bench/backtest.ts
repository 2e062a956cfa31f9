// biome-ignore-all lint/suspicious/noThenProperty: the document's own word
import { createParser } from 'eventsource-parser';
import type { Offpeak } from '@/e2e/process/start-offpeak';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { SHIPPED_DOCUMENT } from '@/lib/core/policy/shipped';
import { withSimulatedLog } from './simulated-log';
import type { BenchTable } from './table';

const DAYS = 7;

const NIGHTLY: PolicyDocument = {
  rules: [
    {
      id: 'evals',
      name: 'Evals',
      enabled: true,
      when: {
        all: [
          { field: 'tag.job', op: 'in', value: ['evals', 'regression'] },
          { field: 'model', op: 'glob', value: '*-haiku-*' },
        ],
      },
      then: { lane: 'batch', deadline: '4h' },
    },
  ],
  default: { lane: 'sync' },
};

/** A proposed policy over a log of so many simulated requests: until the first progress, and until the answer. */
export function benchBacktest(requests = 100_000): Promise<BenchTable> {
  return withSimulatedLog({ requests, days: DAYS }, async (offpeak) => {
    const rows: (string | number)[][] = [];
    for (const [name, document] of [
      ['shipped', SHIPPED_DOCUMENT],
      ['one rule', NIGHTLY],
    ] as const) {
      const { firstMs, wholeMs, decided } = await backtest(offpeak, document);
      rows.push([
        name,
        decided,
        Math.round(firstMs),
        (wholeMs / 1_000).toFixed(1),
        Math.round(decided / (wholeMs / 1_000)),
      ]);
    }
    return { title: 'Backtest', columns: ['policy', 'calls', 'first progress ms', 'whole s', 'calls/s'], rows };
  });
}

async function backtest({ origin, adminToken }: Offpeak, document: PolicyDocument) {
  const startedAt = performance.now();
  const answer = await fetch(`${origin}/api/policy/backtest`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${adminToken}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
    body: JSON.stringify({ document, from: `now-${DAYS}d`, to: 'now' }),
  });
  const seen = { firstMs: 0, decided: 0 };
  const parser = createParser({
    onEvent({ event, data }) {
      if (event === 'progress') seen.firstMs ||= performance.now() - startedAt;
      else if (event === 'result') seen.decided = JSON.parse(data).requests;
      else throw new Error(data);
    },
  });
  const decoder = new TextDecoder();
  for await (const part of answer.body ?? []) parser.feed(decoder.decode(part, { stream: true }));
  return { ...seen, wholeMs: performance.now() - startedAt };
}
