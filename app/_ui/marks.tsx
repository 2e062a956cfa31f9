import type { BatchState } from '@/lib/core/lane-states';
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

const BATCH_TONES: Readonly<Record<BatchState, string>> = {
  intent: 'quiet',
  posting: 'batch',
  unknown: 'waste',
  open: 'batch',
  ended: 'batch',
  closed: 'saved',
  void: 'quiet',
};

const BATCH_TITLES: Readonly<Record<BatchState, string>> = {
  intent: 'Its items are chosen; nothing was sent yet',
  posting: 'It is being sent',
  unknown: 'The answer to its creation did not come: it is looked for upstream',
  open: 'Upstream works on it',
  ended: 'Upstream has the results; they are being read',
  closed: 'Every result was taken over',
  void: 'It does not exist upstream; its items went elsewhere',
};

export function BatchStateMark({ state }: { state: BatchState }) {
  return (
    <span className={classes.mark} data-tone={BATCH_TONES[state]} title={BATCH_TITLES[state]}>
      {state}
    </span>
  );
}

export function Mark({
  tone,
  children,
}: {
  tone: 'saved' | 'waste' | 'error' | 'quiet' | 'sync' | 'batch';
  children: string;
}) {
  return (
    <span className={classes.mark} data-tone={tone}>
      {children}
    </span>
  );
}
