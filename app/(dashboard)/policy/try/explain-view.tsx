'use client';

import { countText, durationText, moneyText, shareText } from '@/app/_ui/amounts';
import { InertText } from '@/app/_ui/inert-text';
import { LaneMark } from '@/app/_ui/marks';
import { becauseText } from '@/app/_ui/requests/because-text';
import type { ExplainAnswer } from '@/lib/contract/policy-explain';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { TraceView } from './trace-view';
import classes from './try.module.css';

const SPECIAL: Readonly<Record<string, string>> = {
  default: 'the default',
  override: 'the call’s own wish to be answered at once',
  paused: 'the switch that sends everything to sync',
};

export function ExplainView({ answer, document }: { answer: ExplainAnswer; document: PolicyDocument }) {
  const { lane, rule, because, batching, costUsd, policyVersion } = answer;
  const name = document.rules.find(({ id }) => id === rule)?.name;
  return (
    <div className={classes.answer}>
      <div role="status">
        <p className={classes.verdict}>
          <LaneMark lane={lane} />
          <span>
            by{' '}
            {name === undefined ? (
              (SPECIAL[rule] ?? rule)
            ) : (
              <>
                rule “<InertText>{name}</InertText>”
              </>
            )}
            <span className="soft">, {policyVersion === null ? 'in the draft' : `version ${policyVersion}`}</span>
          </span>
        </p>
        <p className="soft">
          {becauseText(because)} <code>{because}</code>
        </p>
        {batching ? (
          <p className="soft">
            Answered within {durationText(batching.deadlineMs)}
            {batching.escalate ? ', synchronously if the batch is late' : ', or not at all'}; collected for{' '}
            {durationText(batching.windowMs)}, at most {countText(batching.maxItems)} items.
          </p>
        ) : null}
      </div>
      <dl className={classes.costs}>
        <div data-chosen={lane === 'sync' || undefined}>
          <dt>
            <LaneMark lane="sync" />
          </dt>
          <dd>{costUsd.sync === null ? <span className="soft">not known</span> : moneyText(costUsd.sync)}</dd>
        </div>
        <div data-chosen={lane === 'batch' || undefined}>
          <dt>
            <LaneMark lane="batch" />
          </dt>
          <dd>{costUsd.batch === null ? <span className="soft">not measured</span> : moneyText(costUsd.batch)}</dd>
        </div>
      </dl>
      <p className={`soft small ${classes.costsNote}`}>
        expected cost of this call in each lane, escalations and lost cache reads included
      </p>
      <TraceView answer={answer} document={document} />
      {answer.prediction ? <Numbers prediction={answer.prediction} /> : null}
      <Known facts={answer.facts} />
    </div>
  );
}

const share = (value: number | null) => (value === null ? null : shareText(value));
const time = (ms: number | null) => (ms === null ? null : durationText(ms));
const money = (usd: string | null) => (usd === null ? null : moneyText(usd));

function Numbers({ prediction: p }: { prediction: NonNullable<ExplainAnswer['prediction']> }) {
  const rows: readonly [sign: string, meaning: string, value: string | null][] = [
    ['h', 'time that the batch itself has', time(p.h)],
    ['F(h)', 'share of batches back within h', share(p.F)],
    ['lower', 'its one-sided 95 % lower bound', share(p.lower)],
    ['n', 'effective number of batches behind it', p.nEff === null ? null : p.nEff.toFixed(1)],
    ['half-life', 'of their weights', time(p.halfLifeMs)],
    ['q', 'probability that sync reads the prefix from cache', share(p.q)],
    ['b', 'the same in batch', share(p.b)],
    ['κ', 'share of escalated items that are billed anyway', share(p.kappa)],
    ['ν', 'probability that a later sync call finds the prefix cold', share(p.nu)],
    ['sync', 'expected cost of one sync call', money(p.syncCostUsd)],
    ['batch', 'expected cost of sending it to batch', money(p.batchCostUsd)],
  ];
  return (
    <section aria-label="Numbers behind it">
      <h3>Numbers behind it</h3>
      <table className="rows">
        <tbody>
          {rows.map(([sign, meaning, value]) => (
            <tr key={sign}>
              <th scope="row">
                <strong>{sign}</strong>
              </th>
              <td className="soft">{meaning}</td>
              <td data-numeric>{value ?? <span className="soft">not known</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Known({ facts }: { facts: ExplainAnswer['facts'] }) {
  return (
    <details className={classes.known}>
      <summary>What was known of the call and its model</summary>
      <dl>
        {Object.entries(facts).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <InertText>
                {value === null ? 'not known' : typeof value === 'object' ? JSON.stringify(value) : String(value)}
              </InertText>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
