import { Ago } from '@/app/_ui/ago';
import { InertText } from '@/app/_ui/inert-text';
import type { AuditEntry } from '@/lib/contract/audit';
import { ACTION_TEXT } from './action-text';
import classes from './audit.module.css';

export function AuditTable({ entries, zone }: { entries: readonly AuditEntry[]; zone: string }) {
  return (
    <table className="rows">
      <thead>
        <tr>
          {['When', 'Who', 'Change', 'Of', 'Note'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
          <th scope="col" data-spare>
            From
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <AuditRow key={entry.id} entry={entry} zone={zone} />
        ))}
      </tbody>
    </table>
  );
}

function AuditRow({ entry, zone }: { entry: AuditEntry; zone: string }) {
  const { actor, action, object, before, after, note, address } = entry;
  return (
    <tr className={classes.row}>
      <td className={classes.when}>
        <Ago at={entry.at} zone={zone} />
      </td>
      <td>
        <InertText>{actor}</InertText>
      </td>
      <th scope="row">{ACTION_TEXT[action]}</th>
      <td>
        <InertText>{object}</InertText>
        {before === null && after === null ? null : (
          <details>
            <summary>Before and after</summary>
            <div className={classes.states}>
              <State name="Before" value={before} />
              <State name="After" value={after} />
            </div>
          </details>
        )}
      </td>
      <td>{note === null ? '' : <InertText>{note}</InertText>}</td>
      <td className="mono" data-spare>
        {address ?? '–'}
      </td>
    </tr>
  );
}

function State({ name, value }: { name: string; value: unknown }) {
  return (
    <div>
      <div className="small soft">{name}</div>
      {value === null ? (
        <p className="soft">Nothing.</p>
      ) : (
        <pre className={classes.state}>
          <InertText lines>{JSON.stringify(value, null, 2)}</InertText>
        </pre>
      )}
    </div>
  );
}
