const MINUS = '\u2212';

/** USD for people: cents from a dollar up, three digits that matter below. Takes the API's plain decimal. */
export function moneyText(usd: string | number): string {
  const value = Number(usd);
  const abs = Math.abs(value);
  const sign = value < 0 ? MINUS : '';
  if (abs === 0) return '$0.00';
  if (abs < 0.000_001) return `<${sign}$0.000001`;
  if (abs >= 10_000) return `${sign}$${grouped(abs, 0)}`;
  if (abs >= 0.995) return `${sign}$${grouped(abs, 2)}`;
  const digits = Math.min(6, Math.max(2, 2 - Math.floor(Math.log10(abs))));
  return `${sign}$${abs.toFixed(digits)}`;
}

export function countText(count: number): string {
  return grouped(count, 0);
}

/** A share of 1 as per cent; one decimal where it says something. */
export function shareText(share: number): string {
  const percent = Math.abs(share * 100);
  const digits = percent > 0 && percent < 10 ? 1 : 0;
  return `${share < 0 ? MINUS : ''}${percent.toFixed(digits)} %`;
}

export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(ms < 9_950 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

/** Time that is left, to the second while seconds matter; of one width while it runs: `42 s`, `4 min 05 s`, `2 h 05 min`. */
export function countdownText(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return `${Math.floor(minutes / 1_440)} d ${two(Math.floor((minutes % 1_440) / 60))} h`;
}

export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1_024 ** power).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`;
}

/** `3 s ago`, `in 5 min`. */
export function agoText(atMs: number, nowMs: number): string {
  const gap = nowMs - atMs;
  const abs = Math.abs(gap);
  const text =
    abs < 60_000
      ? `${Math.round(abs / 1_000)} s`
      : abs < 3_600_000
        ? `${Math.floor(abs / 60_000)} min`
        : abs < 172_800_000
          ? `${Math.floor(abs / 3_600_000)} h`
          : `${Math.floor(abs / 86_400_000)} d`;
  return gap >= 0 ? `${text} ago` : `in ${text}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function grouped(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
