import { Ago } from '@/app/_ui/ago';
import { moneyText } from '@/app/_ui/amounts';
import { GuardedButton } from '@/app/_ui/guarded-button';
import { InertText } from '@/app/_ui/inert-text';
import { Mark } from '@/app/_ui/marks';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { TagList } from '@/app/_ui/tag-list';
import { visibleText } from '@/app/_ui/visible-text';
import type { Key } from '@/lib/contract/keys';
import { BudgetBar } from './budget-bar';
import classes from './keys.module.css';

interface KeyTableProps {
  keys: readonly Key[];
  zone: string;
  /** Why this reader may not revoke. */
  reason: string | null;
  onRevoke: (key: Key) => void;
  onRestore: (key: Key) => void;
}

export function KeyTable({ keys, zone, reason, onRevoke, onRestore }: KeyTableProps) {
  const hasUpstreams = keys.some(({ upstream }) => upstream !== 'default');
  return (
    <ScrollRegion name="API keys, table">
      <table className={`rows ${classes.table}`}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Key</th>
            <th scope="col">Tolerance</th>
            <th scope="col">Tags</th>
            <th scope="col">Batch</th>
            <th scope="col">Bodies</th>
            {hasUpstreams ? <th scope="col">Upstream</th> : null}
            <th scope="col" data-numeric title="Of calls that arrived this month, UTC">
              This month
            </th>
            <th scope="col" data-numeric>
              Spent in all
            </th>
            <th scope="col">Last used</th>
            <th scope="col">Created</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row">
                <InertText>{key.name}</InertText>
              </th>
              <td className="mono">
                {key.prefix}…{key.last4}
              </td>
              <td>
                {key.tolerance ?? <span className="soft">unset</span>}
                {key.patience === null ? null : <div className="small soft">patience {key.patience}</div>}
              </td>
              <td className={classes.tags}>
                <TagList tags={key.tags} />
              </td>
              <td>{key.batch ? 'allowed' : 'never'}</td>
              <td>{key.store ? 'as set' : 'never'}</td>
              {hasUpstreams ? <td>{key.upstream}</td> : null}
              <td data-numeric>
                <BudgetBar of={key} />
              </td>
              <td data-numeric>{moneyText(key.spentUsd)}</td>
              <td>{key.lastUsedAt ? <Ago at={key.lastUsedAt} zone={zone} /> : <span className="soft">never</span>}</td>
              <td>
                <Ago at={key.createdAt} zone={zone} />
                <div className="small soft">
                  by <InertText>{key.createdBy}</InertText>
                </div>
              </td>
              <td data-numeric>
                {key.revokedAt ? (
                  <span className={classes.undo}>
                    <Mark tone="quiet">revoked</Mark>
                    {key.restorableUntil === null ? null : (
                      <GuardedButton
                        size="compact-xs"
                        variant="default"
                        reason={reason}
                        onClick={() => onRestore(key)}
                        aria-label={`Undo the revocation of ${visibleText(key.name)}`}
                      >
                        Undo
                      </GuardedButton>
                    )}
                  </span>
                ) : (
                  <GuardedButton
                    size="compact-xs"
                    variant="default"
                    reason={reason}
                    onClick={() => onRevoke(key)}
                    aria-label={`Revoke ${visibleText(key.name)}`}
                  >
                    Revoke
                  </GuardedButton>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
