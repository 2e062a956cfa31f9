const S = 1_000;
const M = 60 * S;
const H = 60 * M;
const NICE = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50];
/** Where the arrow keys stop. */
const STOPS = [
  ...[100, 200, 300, 500, 700],
  ...NICE.map((n) => n * S),
  ...NICE.map((n) => n * M),
  ...[1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24].map((n) => n * H),
];
const PAGE = 5;

export const LEAST_DEADLINE_MS = 100;
export const MOST_DEADLINE_MS = 24 * H;

/** The next round duration that an arrow key (`step` 1 or −1) or a page key (5 of them) leads to. */
export function nextDeadline(ms: number, direction: 1 | -1, isPage = false): number {
  const found = direction > 0 ? STOPS.findIndex((stop) => stop > ms) : STOPS.findLastIndex((stop) => stop < ms);
  if (found < 0) return direction > 0 ? MOST_DEADLINE_MS : LEAST_DEADLINE_MS;
  const index = found + (isPage ? direction * (PAGE - 1) : 0);
  return STOPS[Math.min(STOPS.length - 1, Math.max(0, index))] ?? ms;
}

/** A duration as dragged, to the two digits that can be meant. */
export function snapDeadline(ms: number): number {
  const unit = ms < S ? 10 : ms < 10 * S ? 100 : ms < M ? S : ms < 10 * M ? 10 * S : ms < H ? M : 10 * M;
  return clamp(Math.round(ms / unit) * unit);
}

const SAID = /^(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s|sec|m|min|h)$/;

/** What people type: `10m`, `90 s`, `1.5 h`; `null` when it is no duration up to a day. */
export function readDeadline(text: string): number | null {
  const match = SAID.exec(text.trim().toLowerCase());
  if (!match) return null;
  const unit = { ms: 1, s: S, sec: S, m: M, min: M, h: H }[match[2] ?? ''] ?? 0;
  const ms = Math.round(Number(match[1]) * unit);
  return ms >= LEAST_DEADLINE_MS && ms <= MOST_DEADLINE_MS ? ms : null;
}

/** The shortest exact spelling, as in a header: `10m`, `90s`. */
export function deadlineText(ms: number): string {
  if (ms % H === 0) return `${ms / H}h`;
  if (ms % M === 0) return `${ms / M}m`;
  return ms % S === 0 ? `${ms / S}s` : `${ms}ms`;
}

function clamp(ms: number): number {
  return Math.min(MOST_DEADLINE_MS, Math.max(LEAST_DEADLINE_MS, ms));
}
