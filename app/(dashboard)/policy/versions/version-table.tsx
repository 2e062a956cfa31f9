import { Button } from '@mantine/core';
import { Ago } from '@/app/_ui/ago';
import { GuardedButton } from '@/app/_ui/guarded-button';
import { InertText } from '@/app/_ui/inert-text';
import { Mark } from '@/app/_ui/marks';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import type { PolicyVersion } from '@/lib/contract/policy';
import classes from './versions.module.css';

interface VersionTableProps {
  versions: readonly PolicyVersion[];
  current: number;
  compared: number | null;
  zone: string;
  reason: string | null;
  onCompare: (version: number) => void;
  onRestore: (version: PolicyVersion) => void;
}

export function VersionTable({ versions, current, compared, zone, reason, onCompare, onRestore }: VersionTableProps) {
  return (
    <ScrollRegion name="Versions, table">
      <table className={`rows ${classes.table}`}>
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">Published</th>
            <th scope="col">By</th>
            <th scope="col">Why</th>
            <th scope="col" data-numeric>
              Rules
            </th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map((one) => {
            const { version, publishedAt, author, note, document } = one;
            return (
              <tr key={version} data-compared={version === compared || undefined}>
                <th scope="row">
                  {version} {version === current ? <Mark tone="saved">in force</Mark> : null}
                </th>
                <td>{publishedAt ? <Ago at={publishedAt} zone={zone} /> : <span className="soft">shipped</span>}</td>
                <td>
                  <InertText>{author}</InertText>
                </td>
                <td className={classes.note}>
                  {note ? <InertText>{note}</InertText> : <span className="soft">–</span>}
                </td>
                <td data-numeric>{document.rules.length}</td>
                <td data-numeric>
                  <span className={classes.acts}>
                    {version === 1 ? null : (
                      <Button
                        size="compact-xs"
                        variant="subtle"
                        aria-label={`What version ${version} changed`}
                        onClick={() => onCompare(version)}
                      >
                        Changes
                      </Button>
                    )}
                    {version === current ? null : (
                      <GuardedButton
                        size="compact-xs"
                        variant="default"
                        reason={reason}
                        aria-label={`Restore version ${version}`}
                        onClick={() => onRestore(one)}
                      >
                        Restore
                      </GuardedButton>
                    )}
                  </span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
