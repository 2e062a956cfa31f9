/** Opens the switch that sends everything to sync, or back, from wherever a reader is. */
const listeners = new Set<() => void>();

export function openPause(): void {
  for (const tell of listeners) tell();
}

export function onPauseAsked(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
