import type { BacktestState } from './use-backtest';

/** Share of the traffic from which on its move is confirmed by typing. */
const MUCH = 0.25;

/**
 * Whether publishing has to be confirmed: `wait` while that is being found out, otherwise why, in a sentence. `null`: it
 * need not be, little moves.
 */
export function muchMoves(state: BacktestState): 'wait' | { because: string } | null {
  if (state.state === 'running') return 'wait';
  if (state.state !== 'done') return { because: 'Without a backtest nobody knows how much of the traffic moves.' };
  const { requests, moved } = state.answer;
  const share = requests > 0 ? (moved.toBatch + moved.toSync) / requests : 0;
  if (share < MUCH) return null;
  const percent = `${Math.round(100 * share)} %`;
  return { because: `${percent} of the traffic would change its lane.` };
}
