import { useMemo } from 'react';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { visibleText } from '@/app/_ui/visible-text';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { printed } from '@/lib/core/policy-draft/draft';
import { diffLines } from '@/lib/core/policy-draft/line-diff';
import classes from './review.module.css';

const SIGNS = { same: ' ', added: '+', removed: '−' } as const;
const CONTEXT = 3;

/** The two documents as text; far from a change lines are left out. */
export function JsonDiff({ before, after }: { before: PolicyDocument; after: PolicyDocument }) {
  const lines = useMemo(() => {
    const all = diffLines(printed(before), printed(after));
    const near = all.map((_, i) =>
      all.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(({ kind }) => kind !== 'same'),
    );
    return all.flatMap((line, i) => (near[i] ? [{ ...line, at: i, isFirst: i > 0 && !near[i - 1] }] : []));
  }, [before, after]);
  if (lines.length === 0) return <p className="soft">They say the same.</p>;
  return (
    <ScrollRegion name="JSON diff">
      <pre className={classes.json}>
        {lines.map(({ kind, text, at, isFirst }) => (
          <div key={at} data-kind={kind} data-first={isFirst || undefined}>
            {SIGNS[kind]} {visibleText(text)}
          </div>
        ))}
      </pre>
    </ScrollRegion>
  );
}
