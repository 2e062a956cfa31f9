/** ms that a synchronous answer of a model needs, when it was not measured often enough: 2 s and 100 tokens a second. */
export function assumedSyncNeedMs(maxTokens: number | null): number {
  return 2_000 + (Math.min(maxTokens ?? 2_048, 2_048) / 100) * 1_000;
}

/** Slack in front of a deadline, by the time there was in all: 1 s and 2 %. */
export function marginMs(deadlineMs: number): number {
  return 1_000 + 0.02 * deadlineMs;
}
