import { escapeHtml } from './format';

/** Coordinates are whole or half pixels: nothing else is sharp. */
const at = (value: number) => String(Math.round(value * 2) / 2);

export interface TextLook {
  anchor?: 'start' | 'middle' | 'end';
  className?: string;
}

export function svgText(x: number, y: number, text: string, { anchor = 'start', className = 'label' }: TextLook = {}) {
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" class="${className}">${escapeHtml(text)}</text>`;
}

export function svgRect(box: { x: number; y: number; width: number; height: number }, className: string, title = '') {
  const { x, y, width, height } = box;
  const inside = title === '' ? '' : `<title>${escapeHtml(title)}</title>`;
  return `<rect x="${at(x)}" y="${at(y)}" width="${at(Math.max(1, width))}" height="${at(height)}" rx="2" class="${className}">${inside}</rect>`;
}

export function svgLine(x1: number, y1: number, x2: number, y2: number, className: string) {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${className}"/>`;
}

/** `label` is what a screen reader says of the whole picture. */
export function svgPicture(width: number, height: number, label: string, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${width} ${Math.ceil(height)}" role="img" aria-label="${escapeHtml(label)}">${parts.join('')}</svg>`;
}

/** Positions on an axis that grows by factors. */
export function logScale(
  domain: readonly [number, number],
  range: readonly [number, number],
): (value: number) => number {
  const [from, to] = domain.map(Math.log) as [number, number];
  return (value) => {
    const share = (Math.log(Math.max(value, domain[0])) - from) / (to - from);
    return range[0] + Math.min(1, share) * (range[1] - range[0]);
  };
}

const NICE_MS = [100, 300, 1_000, 3_000, 10_000, 30_000, 60_000, 180_000, 600_000, 1_800_000, 3_600_000, 14_400_000];

/** Marks of a time axis within a domain. */
export function timeMarks([from, to]: readonly [number, number]): number[] {
  return NICE_MS.filter((ms) => ms >= from && ms <= to);
}
