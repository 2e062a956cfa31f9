import type { ActionDocument } from '@/lib/core/policy/document';
import classes from './rules.module.css';

/** `auto` may be either: it shows both colours. */
export function LaneTag({ lane }: { lane: ActionDocument['lane'] }) {
  return (
    <span className={classes.laneTag}>
      {lane === 'batch' ? null : <i data-tone="sync" />}
      {lane === 'sync' ? null : <i data-tone="batch" />}
      {lane}
    </span>
  );
}
