import { countText } from '@/app/_ui/amounts';
import { InertText } from '@/app/_ui/inert-text';
import { visibleText } from '@/app/_ui/visible-text';
import classes from './request-detail-view.module.css';
import { usageRows } from './usage-rows';

/** The usage object as a table of its numbers, and untouched below. */
export function UsageView({ usage }: { usage: Readonly<Record<string, unknown>> | null }) {
  if (usage === null) return <p className="soft">No usage: nothing was billed.</p>;
  return (
    <>
      <table className="rows">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col" data-numeric>
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {usageRows(usage).map(({ name, value }) => (
            <tr key={name}>
              <td className={`mono ${classes.field}`}>
                <InertText>{name}</InertText>
              </td>
              <td data-numeric>{typeof value === 'number' ? countText(value) : visibleText(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <details>
        <summary>As upstream sent it</summary>
        <pre className={classes.raw}>
          <InertText lines>{JSON.stringify(usage, null, 2)}</InertText>
        </pre>
      </details>
    </>
  );
}
