import { ARMS } from '@/e2e/fleet/experiment/arms';
import { TOKEN_CATEGORIES } from '@/e2e/fleet/experiment/upstream-bill';
import { escapeHtml } from './format';
import { HTML_STYLE, paintRules } from './html-style';
import type { Table } from './scenario-table';

const PAINTS = [...new Set(['sync', 'batch', ...ARMS, ...TOKEN_CATEGORIES])];

/** One file that asks for nothing: opens from disk, prints, and goes into a chat. */
export function htmlPage(title: string, parts: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title><style>${HTML_STYLE}${paintRules(PAINTS)}</style></head><body><main>
${parts.join('\n')}
</main></body></html>
`;
}

export function listSection(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const items = lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('');
  return `<section><h2>${escapeHtml(title)}</h2><ul>${items}</ul></section>`;
}

export function legendOf(entries: readonly (readonly [paint: string, name: string])[]): string {
  const items = entries.map(([paint, name]) => `<li><i class="back-${paint}"></i>${escapeHtml(name)}</li>`).join('');
  return `<ul class="legend">${items}</ul>`;
}

export function htmlTable({ columns, rows }: Table, isOwn: (row: number) => boolean = () => false): string {
  const head = columns.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const body = rows.map((row, i) => {
    const cells = row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
    return `<tr${isOwn(i) ? ' class="own"' : ''}>${cells}</tr>`;
  });
  return `<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}
