import { parseDuration } from '@/lib/core/duration';
import { type ActionDocument, windowMs } from './document';

export const DEFAULT_WINDOW_MS = 5_000;
export const DEFAULT_MAX_ITEMS = 1_000;

/** How the batch lane is to treat a call, as far as the policy says. Durations in ms. */
interface Treatment {
  /** `null`: the call's tolerance alone counts. */
  deadlineMs: number | null;
  escalate: boolean;
  windowMs: number;
  maxItems: number;
}

export interface SyncAction {
  lane: 'sync';
  spill: boolean;
}

export interface BatchAction extends Treatment {
  lane: 'batch';
}

export interface AutoAction extends Treatment {
  lane: 'auto';
  maxMiss: number;
  minSaving: number;
  explore: number;
}

/** The policy document's action, defaults filled in and durations read. */
export type Action = SyncAction | BatchAction | AutoAction;

export function compileAction(action: ActionDocument): Action {
  if (action.lane === 'sync') return { lane: 'sync', spill: action.spill ?? false };
  const treatment: Treatment = {
    deadlineMs: action.deadline === undefined ? null : parseDuration(action.deadline),
    escalate: action.escalate ?? true,
    windowMs: action.window === undefined ? DEFAULT_WINDOW_MS : (windowMs(action.window) ?? DEFAULT_WINDOW_MS),
    maxItems: action.maxItems ?? DEFAULT_MAX_ITEMS,
  };
  if (action.lane === 'batch') return { lane: 'batch', ...treatment };
  const { maxMiss = 0.2, minSaving = 0.1, explore = 0 } = action;
  return { lane: 'auto', maxMiss, minSaving, explore, ...treatment };
}
