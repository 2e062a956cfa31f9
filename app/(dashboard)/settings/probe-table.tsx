import Link from 'next/link';
import type { ReactNode } from 'react';
import { Ago } from '@/app/_ui/ago';
import { durationText, moneyText } from '@/app/_ui/amounts';
import { InertText } from '@/app/_ui/inert-text';
import { Mark } from '@/app/_ui/marks';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import type { ProbesAnswer } from '@/lib/contract/probes';
import type { ProbeState } from '@/lib/core/probing';
import type { RequestState } from '@/lib/core/request-states';

type Probe = ProbesAnswer['probes'][number];

const STATES: Readonly<Record<ProbeState, { tone: 'saved' | 'waste' | 'quiet' | 'batch'; name: string; why: string }>> =
  {
    off: { tone: 'quiet', name: 'off', why: 'Probes are switched off' },
    paused: { tone: 'quiet', name: 'paused', why: 'Everything is sent to sync for now' },
    no_credential: {
      tone: 'waste',
      name: 'no credential',
      why: 'Probes go out under ANTHROPIC_API_KEY, which is not set',
    },
    unpriced: { tone: 'waste', name: 'unpriced', why: 'Without a price its cost could not be held against the cap' },
    fresh: { tone: 'saved', name: 'fresh', why: 'It had a batch or a probe within the interval' },
    capped: { tone: 'waste', name: 'capped', why: 'The next probe could cost more than is left of the day’s cap' },
    due: { tone: 'batch', name: 'due', why: 'It is probed within seconds, where a lane is running' },
  };

export function ProbeTable({ probes, zone }: { probes: readonly Probe[]; zone: string }) {
  return (
    <ScrollRegion name="Probes, table">
      <table className="rows">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">State</th>
            <th scope="col">Newest batch</th>
            <th scope="col">Last probe</th>
            <th scope="col" data-numeric>
              In a batch
            </th>
            <th scope="col" data-numeric>
              By sync
            </th>
            <th scope="col" data-numeric title="What one probe may cost at most, both requests">
              At most
            </th>
          </tr>
        </thead>
        <tbody>
          {probes.map((probe) => (
            <ProbeRow key={probe.model} probe={probe} zone={zone} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function ProbeRow({ probe: { model, state, worstCostUsd, lastBatchAt, last }, zone }: { probe: Probe; zone: string }) {
  const { tone, name, why } = STATES[state];
  return (
    <tr>
      <th scope="row">
        <InertText>{model}</InertText>
      </th>
      <td title={why}>
        <Mark tone={tone}>{name}</Mark>
      </td>
      <td>{lastBatchAt === null ? '–' : <Ago at={lastBatchAt} zone={zone} />}</td>
      <td>{last === null ? 'never' : <Ago at={last.at} zone={zone} />}</td>
      <td data-numeric>
        {last === null ? (
          '–'
        ) : (
          <Took id={last.requestId} ms={last.turnaroundMs} state={last.state} what={`${model} in a batch`} />
        )}
      </td>
      <td data-numeric>
        {last === null ? (
          '–'
        ) : (
          <Took id={last.syncRequestId} ms={last.syncLatencyMs} state={last.syncState} what={`${model} by sync`} />
        )}
      </td>
      <td data-numeric>{worstCostUsd === null ? 'no price' : moneyText(worstCostUsd)}</td>
    </tr>
  );
}

/** How long it took, or what became of it, with the way to its request. */
function Took({
  id,
  ms,
  state,
  what,
}: {
  id: string;
  ms: number | null;
  state: RequestState;
  what: string;
}): ReactNode {
  const href = usePageHref();
  return (
    <Link href={href(`/requests/${encodeURIComponent(id)}`)} prefetch={false} title={`The probe of ${what}`}>
      {state === 'succeeded' && ms !== null ? durationText(ms) : state}
    </Link>
  );
}
