import { InertText } from '@/app/_ui/inert-text';
import { Mark } from '@/app/_ui/marks';
import type { FieldChange, PolicyDiff, RuleChange } from '@/lib/core/policy-draft/diff';
import classes from './review.module.css';

const TONES = { added: 'saved', removed: 'error', changed: 'waste', moved: 'quiet' } as const;

/** What changes, rule by rule, each field as it was and as it will be. */
export function DiffView({ diff }: { diff: PolicyDiff }) {
  if (diff.count === 0) return <p className="soft">They say the same.</p>;
  return (
    <ul className={classes.changes} aria-label="Changes">
      {diff.rules.map((change) => (
        <li key={`${change.kind} ${change.id}`}>
          <p className={classes.changed}>
            <Mark tone={TONES[change.kind]}>{change.kind}</Mark>
            <strong>
              <InertText>{change.name || change.id}</InertText>
            </strong>
            <span className="soft small">{placeText(change)}</span>
          </p>
          <Fields fields={change.fields} kind={change.kind} />
        </li>
      ))}
      {diff.default.length > 0 ? (
        <li>
          <p className={classes.changed}>
            <Mark tone="waste">changed</Mark>
            <strong>Default</strong>
          </p>
          <Fields fields={diff.default} kind="changed" />
        </li>
      ) : null}
      {diff.timeZone ? (
        <li>
          <p className={classes.changed}>
            <Mark tone="waste">changed</Mark>
            <strong>Time zone</strong>
          </p>
          <Fields fields={[diff.timeZone]} kind="changed" />
        </li>
      ) : null}
    </ul>
  );
}

function Fields({ fields, kind }: { fields: readonly FieldChange[]; kind: RuleChange['kind'] }) {
  if (fields.length === 0) return null;
  return (
    <dl className={classes.fields}>
      {fields.map(({ field, before, after }) => (
        <div key={field}>
          <dt>{field}</dt>
          <dd>
            {before === null ? (
              kind === 'changed' ? (
                <span className="soft">not set → </span>
              ) : null
            ) : (
              <del>
                <InertText>{before}</InertText>
              </del>
            )}
            {after === null ? (
              kind === 'changed' ? (
                <span className="soft"> → not set</span>
              ) : null
            ) : (
              <ins>
                <InertText>{after}</InertText>
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function placeText({ from, to, hasMoved, kind }: RuleChange): string {
  if (kind === 'added') return `at place ${to}`;
  if (kind === 'removed') return `was at place ${from}`;
  return hasMoved ? `from place ${from} to ${to}` : '';
}
