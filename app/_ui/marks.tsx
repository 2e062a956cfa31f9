import type { Lane, RequestState } from '@/lib/core/request-states';
import classes from './marks.module.css';

/** The lane's colour is the same everywhere; its name stands beside it, so colour is never alone. */
export function LaneMark({ lane }: { lane: Lane }) {
  return (
    <span className={classes.mark} data-tone={lane}>
      {lane}
    </span>
  );
}

const STATE_TONES: Readonly<Record<RequestState, string>> = {
  waiting: 'batch',
  running: 'sync',
  succeeded: 'saved',
  failed: 'error',
  aborted: 'quiet',
  refused: 'waste',
  interrupted: 'error',
};

export function StateMark({ state }: { state: RequestState }) {
  return (
    <span className={classes.mark} data-tone={STATE_TONES[state]}>
      {state}
    </span>
  );
}

export function Mark({ tone, children }: { tone: 'saved' | 'waste' | 'error' | 'quiet' | 'sync'; children: string }) {
  return (
    <span className={classes.mark} data-tone={tone}>
      {children}
    </span>
  );
}
