'use client';

import Link from 'next/link';
import { Ago } from '@/app/_ui/ago';
import { countText, durationText, moneyText, shareText } from '@/app/_ui/amounts';
import { InertText } from '@/app/_ui/inert-text';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import type { BacktestAnswer } from '@/lib/contract/policy-backtest';
import type { PolicyDocument } from '@/lib/core/policy/document';
import classes from './review.module.css';

const roughly = (count: number) =>
  count < 10 && !Number.isInteger(count) ? count.toFixed(1) : countText(Math.round(count));

interface BacktestViewProps {
  answer: BacktestAnswer;
  document: PolicyDocument;
  zone: string;
}

export function BacktestView({ answer, document, zone }: BacktestViewProps) {
  const { requests, moved, costUsd, savedUsd, missed, escalated, wasteUsd, latency } = answer;
  if (requests + answer.notEvaluable === 0) return <p className="soft">No calls in this range: nothing to say.</p>;
  const share = requests > 0 ? (moved.toBatch + moved.toSync) / requests : 0;
  const saved = Number(savedUsd);
  const facts: readonly [name: string, value: string, note: string][] = [
    ['Moves to batch', countText(moved.toBatch), `of ${countText(requests)} calls`],
    ['Moves to sync', countText(moved.toSync), `${shareText(share)} of the traffic moves`],
    [
      saved < 0 ? 'Costs more' : 'Saves',
      moneyText(Math.abs(saved)),
      `${moneyText(costUsd.actual)} → ${moneyText(costUsd.proposed)}`,
    ],
    ['Late or lost', roughly(missed.count), `95 % band ${roughly(missed.low)}–${roughly(missed.high)}`],
    ['Escalated', roughly(escalated), `waste ${moneyText(wasteUsd.actual)} → ${moneyText(wasteUsd.proposed)}`],
    [
      'p50 latency',
      change(latency.actual.p50, latency.proposed.p50),
      `p95 ${change(latency.actual.p95, latency.proposed.p95)}`,
    ],
  ];
  return (
    <>
      <dl className={classes.tiles}>
        {facts.map(([name, value, note]) => (
          <div
            key={name}
            data-tone={name === 'Saves' && saved > 0 ? 'saved' : name === 'Costs more' ? 'waste' : undefined}
          >
            <dt>{name}</dt>
            <dd>
              {value}
              <span>{note}</span>
            </dd>
          </div>
        ))}
      </dl>
      <p className="soft small">{limits(answer)}</p>
      <PerRule answer={answer} document={document} />
      <Sample answer={answer} zone={zone} />
    </>
  );
}

/** What the numbers rest on, and whom they leave out. */
function limits({ latency, notEvaluable, notMeasured, unpriced }: BacktestAnswer): string {
  return [
    latency.estimated > 0
      ? `${countText(latency.estimated)} batch times are estimates, drawn from what was measured in the hour.`
      : '',
    notEvaluable > 0 ? `${countText(notEvaluable)} calls could not be decided anew: a fact was not logged then.` : '',
    notMeasured > 0
      ? `${countText(notMeasured)} would move to batch with no batch of their model measured: their cost is left as it was.`
      : '',
    unpriced > 0 ? `${countText(unpriced)} are unpriced.` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function PerRule({ answer: { perRule }, document }: Omit<BacktestViewProps, 'zone'>) {
  const names = new Map(document.rules.map(({ id, name }) => [id, name]));
  return (
    <ScrollRegion name="Effect by rule">
      <table className={`rows ${classes.perRule}`}>
        <thead>
          <tr>
            <th scope="col">Decided by</th>
            <th scope="col" data-numeric>
              Calls
            </th>
            <th scope="col" data-numeric>
              To batch
            </th>
            <th scope="col" data-numeric>
              To sync
            </th>
            <th scope="col" data-numeric>
              Saved
            </th>
            <th scope="col" data-numeric>
              Late
            </th>
          </tr>
        </thead>
        <tbody>
          {perRule.map(({ rule, requests, moved, savedUsd, missed }) => (
            <tr key={rule}>
              <th scope="row" title={rule}>
                <InertText>{names.get(rule) || rule}</InertText>
              </th>
              <td data-numeric>{countText(requests)}</td>
              <td data-numeric>{countText(moved.toBatch)}</td>
              <td data-numeric>{countText(moved.toSync)}</td>
              <td data-numeric>{moneyText(savedUsd)}</td>
              <td data-numeric>{roughly(missed.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

const MOST_SHOWN = 8;

function Sample({ answer: { sample }, zone }: { answer: BacktestAnswer; zone: string }) {
  const href = usePageHref();
  if (sample.length === 0) return null;
  return (
    <details className={classes.sample}>
      <summary>Calls that would change their lane</summary>
      <ul>
        {sample.slice(0, MOST_SHOWN).map(({ id, arrivedAt, model, logged, proposed }) => (
          <li key={id}>
            <Link href={href(`/requests/${encodeURIComponent(id)}`)} target="_blank">
              <Ago at={arrivedAt} zone={zone} />
            </Link>{' '}
            <InertText>{model ?? 'no model'}</InertText>: {logged.lane} → {proposed.lane}{' '}
            <span className="soft">
              by <InertText>{proposed.rule}</InertText>, {proposed.because}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function change(before: number | null, after: number | null): string {
  const text = (ms: number | null) => (ms === null ? 'n too small' : durationText(ms));
  return before === after ? text(before) : `${text(before)} → ${text(after)}`;
}
