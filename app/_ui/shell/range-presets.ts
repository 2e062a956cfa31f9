import { momentLabel } from '@/lib/core/series/time-labels';
import { parseMoment } from '@/lib/core/time-range';

export const PRESETS: readonly { from: string; to: string; label: string }[] = [
  { from: 'now-15m', to: 'now', label: 'Last 15 minutes' },
  { from: 'now-1h', to: 'now', label: 'Last hour' },
  { from: 'now-6h', to: 'now', label: 'Last 6 hours' },
  { from: 'now-24h', to: 'now', label: 'Last 24 hours' },
  { from: 'now-7d', to: 'now', label: 'Last 7 days' },
  { from: 'now-30d', to: 'now', label: 'Last 30 days' },
  { from: 'now-90d', to: 'now', label: 'Last 90 days' },
  { from: 'now/d', to: 'now', label: 'Today' },
  { from: 'now-1d/d', to: 'now/d', label: 'Yesterday' },
];

/** A preset's name, or both ends: absolute ones in the shown zone, relative ones as they are. */
export function rangeLabel(from: string, to: string, zone: string): string {
  const preset = PRESETS.find((candidate) => candidate.from === from && candidate.to === to);
  return preset?.label ?? `${endLabel(from, zone)} – ${endLabel(to, zone)}`;
}

function endLabel(text: string, zone: string): string {
  if (text.startsWith('now')) return text;
  const at = parseMoment(text, new Date(0), zone);
  return at ? momentLabel(at.getTime(), zone) : text;
}
