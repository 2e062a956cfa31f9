import { z } from 'zod';

const DURATION = /^([1-9][0-9]{0,8})(ms|s|m|h)$/;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

export const DAY_MS = 86_400_000;

/** Milliseconds of `500ms`, `30s`, `10m`, `2h`; `null` when malformed or above 24 h. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text);
  if (!match) return null;
  const ms = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  return ms <= DAY_MS ? ms : null;
}

/** A tolerance in ms; `interactive` is 0. `null` when malformed. */
export function parseTolerance(text: string): number | null {
  return text === 'interactive' ? 0 : parseDuration(text);
}

/** The shortest exact spelling: 600000 → `10m`, 0 → `interactive`. */
export function formatTolerance(ms: number): string {
  if (ms === 0) return 'interactive';
  if (ms % UNIT_MS.h === 0) return `${ms / UNIT_MS.h}h`;
  if (ms % UNIT_MS.m === 0) return `${ms / UNIT_MS.m}m`;
  return ms % UNIT_MS.s === 0 ? `${ms / UNIT_MS.s}s` : `${ms}ms`;
}

export const ToleranceText = z
  .string()
  .refine(
    (text) => parseTolerance(text) !== null,
    'must be `interactive` or a duration such as 30s, 10m or 2h (at most 24h)',
  );
