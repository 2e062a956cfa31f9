'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { countText, durationText } from '@/app/_ui/amounts';
import { CopyId } from '@/app/_ui/copy-button';
import { InertText } from '@/app/_ui/inert-text';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import { TagList } from '@/app/_ui/tag-list';
import type { RequestDetail } from '@/lib/contract/requests';
import { momentLabel } from '@/lib/core/series/time-labels';
import { becauseText } from './because-text';
import { judgement } from './judgement';
import classes from './request-detail-view.module.css';

type Fact = readonly [name: string, value: ReactNode];

function Facts({ title, facts }: { title: string; facts: readonly Fact[] }) {
  return (
    <section>
      <h2>{title}</h2>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value ?? '–'}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const text = (value: string | null) => (value === null ? null : <InertText>{value}</InertText>);
const idOf = (value: string | null, what: string) => (value === null ? null : <CopyId id={value} what={what} />);
const yesNo = (value: boolean) => (value ? 'yes' : 'no');

/** Why this lane: the rule, its reason, and what was known when it was chosen. */
export function DecisionFacts({ detail }: { detail: RequestDetail }) {
  const { request, facts } = detail;
  return (
    <Facts
      title="Why"
      facts={[
        ['Decision', `${request.lane}: ${becauseText(request.because)}`],
        ['Rule', text(request.rule)],
        ['Because', <code key="because">{request.because}</code>],
        ['Policy version', request.policyVersion],
        [
          'Every rule',
          <Link key="try" href={`/policy?tab=try&request=${encodeURIComponent(request.id)}`}>
            True or false, in order
          </Link>,
        ],
        ['Tolerance', toleranceText(facts.toleranceMs)],
        ['Input tokens', facts.inputTokens === null ? null : `${countText(facts.inputTokens)} (estimate at arrival)`],
        ['max_tokens', facts.maxTokens === null ? null : countText(facts.maxTokens)],
        ['Tools', yesNo(facts.hasTools)],
        ['Thinking', yesNo(facts.hasThinking)],
        ...(request.lane === 'batch' ? [['Prompt cache', warmthText(facts.warmPrefix)] as const] : []),
        ...judgement(detail).map(([name, value]) => [name, text(value)] as const),
      ]}
    />
  );
}

export function TimeFacts({ detail: { request }, zone }: { detail: RequestDetail; zone: string }) {
  const moment = (at: string | null) => (at === null ? null : `${momentLabel(Date.parse(at), zone, true)} ${zone}`);
  return (
    <Facts
      title="Times"
      facts={[
        ['Arrived', moment(request.arrivedAt)],
        ['First byte', request.ttfbMs === null ? null : `after ${durationText(request.ttfbMs)}`],
        ['Last byte', request.latencyMs === null ? null : `after ${durationText(request.latencyMs)}`],
        ['Deadline', moment(request.deadlineAt)],
      ]}
    />
  );
}

export function CallerFacts({ detail: { request, facts, batch } }: { detail: RequestDetail }) {
  const href = usePageHref();
  const batchId = request.batchId ?? batch?.id ?? null;
  return (
    <Facts
      title="Caller and ids"
      facts={[
        ['Key', text(request.key)],
        ['Client', `${request.client}${request.stream ? ', streaming' : ''}`],
        ['Endpoint', request.endpoint],
        ['Tags', <TagList key="tags" tags={request.tags} />],
        ['Agent', request.agent],
        ['Agent id', idOf(facts.agentId, 'agent id')],
        ['Parent agent id', idOf(facts.parentAgentId, 'parent agent id')],
        ['Session', idOf(request.sessionId, 'session id')],
        ['Upstream request', idOf(request.upstreamRequestId, 'upstream request id')],
        [
          'Batch',
          batchId === null ? null : (
            <span key="batch">
              {idOf(batchId, 'batch id')} <Link href={href(`/batches/${encodeURIComponent(batchId)}`)}>Open</Link>
            </span>
          ),
        ],
      ]}
    />
  );
}

/** Of a call in the batch lane: what sync would have paid for its prompt. */
function warmthText(isWarm: boolean): string {
  return isWarm ? 'warm by sync calls: sync cost counts it at the read price' : 'not warm by sync calls';
}

function toleranceText(ms: number | null): string {
  if (ms === null) return 'not stated';
  return ms === 0 ? 'interactive' : durationText(ms);
}
