'use client';

import { useQuery } from '@tanstack/react-query';
import { statusQuery } from '@/app/_data/status';
import { CopyButton } from '@/app/_ui/copy-button';
import { Panel } from '@/app/_ui/panel';
import classes from './batches.module.css';

/** Before the first batch: how a call gets into one. */
export function HowToBatch() {
  const { data: status } = useQuery(statusQuery);
  const origin = status?.origin ?? '';
  return (
    <Panel title="No call has gone to a batch in this range" className={classes.how}>
      <p>
        A call goes to the batch lane when it may wait and the policy says so. It states its tolerance with a header;
        the caller just waits for its answer, as for any other call.
      </p>
      <Snippet what="call that may wait two hours" text={callText(origin)} />
      <p>
        The shipped policy tries batches with calls that tolerate at least two minutes, a few at first, to measure them.
        A policy of your own can name the lane, and how long it may take:
      </p>
      <Snippet what="policy that sends all that may wait to batch" text={POLICY} />
    </Panel>
  );
}

function Snippet({ what, text }: { what: string; text: string }) {
  return (
    <div className={classes.copied}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}

function callText(origin: string): string {
  return `curl ${origin}/v1/messages \\
  -H "x-offpeak-tolerance: 2h" \\
  -H "x-api-key: YOUR_OFFPEAK_KEY" -H "anthropic-version: 2023-06-01" -H "content-type: application/json" \\
  -d '{"model": "claude-sonnet-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Say hello"}]}'`;
}

const POLICY = `PUT /api/policy
{ "baseVersion": 1, "document": {
    "rules": [{ "id": "may-wait", "name": "May wait", "enabled": true,
      "when": { "field": "tolerance", "op": "gte", "value": "10m" },
      "then": { "lane": "batch", "deadline": "2h" } }],
    "default": { "lane": "sync" } } }`;
