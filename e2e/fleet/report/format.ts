const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** `0.8 s`, `104 s`, `11 min`, `3.2 h`; `–` for nothing. */
export function formatSpan(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < 3 * MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < 20 * MINUTE) return `${shortest(ms / MINUTE)} min`;
  return ms < 120 * MINUTE ? `${Math.round(ms / MINUTE)} min` : `${shortest(ms / (60 * MINUTE))} h`;
}

function shortest(value: number): string {
  return value.toFixed(1).replace('.0', '');
}

/** Three digits that matter. */
export function formatDollars(usd: string): string {
  const value = Number(usd);
  if (value === 0) return '$0';
  return value >= 100 ? `$${value.toFixed(0)}` : `$${value.toPrecision(3)}`;
}

/** `−48 %`, `+310 %`, `0 %`: how much more or less `value` is than `base`. */
export function formatChange(value: string, base: string | undefined): string {
  if (base === undefined || Number(base) === 0) return '–';
  const percent = Math.round((Number(value) / Number(base) - 1) * 100);
  if (percent === 0) return '0 %';
  return `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`;
}

export function formatShare(some: number, all: number): string {
  if (all === 0) return '–';
  const percent = (some / all) * 100;
  // Not all of them is never told as 100 %.
  const digits = some < all && percent >= 99.5 ? 2 : percent >= 10 && percent < 99.5 ? 0 : 1;
  return `${(some === all ? 100 : Math.min(percent, 99.99)).toFixed(some === all ? 0 : digits)} %`;
}

export function formatCount(value: number | null): string {
  if (value === null) return '–';
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
