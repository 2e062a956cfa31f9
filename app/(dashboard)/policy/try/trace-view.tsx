import { Icon } from '@/app/_ui/icon';
import { InertText } from '@/app/_ui/inert-text';
import { LaneTag } from '@/app/(dashboard)/policy/rules/lane-tag';
import type { ExplainAnswer } from '@/lib/contract/policy-explain';
import type { PolicyDocument } from '@/lib/core/policy/document';
import type { ConditionTrace } from '@/lib/core/policy/explain';
import { comparisonText, valueText } from '@/lib/core/policy-draft/condition-text';
import classes from './try.module.css';

type RuleTrace = ExplainAnswer['trace'][number];

/** Every rule in order, and of each condition whether it held and what it saw. */
export function TraceView({ answer, document }: { answer: ExplainAnswer; document: PolicyDocument }) {
  const { trace, rule: decided } = answer;
  const matchedAt = trace.findIndex(({ matched }) => matched);
  const isOverruled = decided === 'override' || decided === 'paused';
  return (
    <section aria-label="Rules in order">
      <h3>Rules in order</h3>
      <ol className={classes.trace}>
        {trace.map((one, i) => {
          const rule = document.rules.find(({ id }) => id === one.rule);
          return (
            <li
              key={one.rule}
              data-state={one.matched ? 'matched' : i > matchedAt && matchedAt >= 0 ? 'behind' : 'passed'}
            >
              <p className={classes.rule}>
                <Truth holds={one.enabled ? one.conditions.result && one.rollout !== false : null} />
                <strong>
                  <InertText>{rule?.name ?? one.rule}</InertText>
                </strong>
                {rule ? <LaneTag lane={rule.then.lane} /> : null}
                <span className="soft small">{verdictOf(one, matchedAt >= 0 && i > matchedAt, isOverruled)}</span>
              </p>
              <ul className={classes.tree}>
                <Condition trace={one.conditions} />
              </ul>
            </li>
          );
        })}
        <li data-state={decided === 'default' ? 'matched' : 'behind'}>
          <p className={classes.rule}>
            <Truth holds={decided === 'default' ? true : null} />
            <strong>Default</strong>
            <LaneTag lane={document.default.lane} />
            <span className="soft small">{decided === 'default' ? 'decides' : 'not reached'}</span>
          </p>
        </li>
      </ol>
    </section>
  );
}

function verdictOf(
  { matched, enabled, conditions, rollout }: RuleTrace,
  isBehind: boolean,
  isOverruled: boolean,
): string {
  if (matched) return 'decides';
  if (!enabled) return 'is off';
  if (!conditions.result) return 'does not hold';
  if (rollout === false) return 'holds, but this session is not in its rollout';
  return isBehind ? 'holds too, but comes later' : isOverruled ? 'would hold, but no rule is asked' : 'holds';
}

function Condition({ trace }: { trace: ConditionTrace }) {
  if ('field' in trace) {
    return (
      <li>
        <Truth holds={trace.result} /> <InertText>{comparisonText(trace)}</InertText>{' '}
        <span className="soft">
          (it is <InertText>{valueText(trace.field, trace.actual)}</InertText>)
        </span>
      </li>
    );
  }
  const [word, parts] =
    'all' in trace
      ? ['all of', trace.all]
      : 'any' in trace
        ? ['any of', trace.any]
        : 'not' in trace
          ? ['not', [trace.not]]
          : ['every call', []];
  return (
    <li>
      <Truth holds={trace.result} /> {word}
      {parts.length > 0 ? (
        <ul className={classes.tree}>
          {parts.map((part, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no name but their place
            <Condition key={i} trace={part} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}

/** @param holds `null`: it was not asked. */
function Truth({ holds }: { holds: boolean | null }) {
  return (
    <span className={classes.truth} data-holds={holds ?? 'unasked'}>
      <Icon name={holds === null ? 'minus' : holds ? 'check' : 'close'} size={12} />
      {holds === null ? null : <span className="visually-hidden">{holds ? 'true:' : 'false:'}</span>}
    </span>
  );
}
