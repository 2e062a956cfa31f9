/** Of the report: both themes from the reader's own setting, nothing fetched. */
export const HTML_STYLE = `
:root { color-scheme: light dark; --page: #f7f8fa; --card: #fff; --text: #16181d; --dim: #5a6170; --line: #e2e5ea; --grid: #edeff2;
  --sync: #4147c4; --batch: #0d8074; --one-by-one: #c2410c; --by-window: #a16207; --all-batch: #7c8aa0; --offpeak: #0d8074;
  --input: #4147c4; --cacheWrite: #c2410c; --cacheRead: #d9a514; --output: #7c8aa0; --warn: #fff4e0; --warn-text: #7a4a00; }
@media (prefers-color-scheme: dark) { :root { --page: #111318; --card: #1a1d24; --text: #eceef2; --dim: #a2a9b8; --line: #2c313b; --grid: #262a33;
  --sync: #8b90ff; --batch: #35c4b2; --one-by-one: #fb8a52; --by-window: #e0b03c; --all-batch: #95a3ba; --offpeak: #35c4b2;
  --input: #8b90ff; --cacheWrite: #fb8a52; --cacheRead: #e8c547; --output: #95a3ba; --warn: #33270f; --warn-text: #f3cf8e; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif }
main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 64px }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px } h2 { font-size: 19px; margin: 0 0 2px }
p { margin: 0 0 10px } .dim { color: var(--dim) }
.note { background: var(--warn); color: var(--warn-text); border-radius: 8px; padding: 10px 14px; margin: 18px 0 22px }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px; margin-bottom: 22px }
.tile, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px }
.tile b { display: block; font-size: 25px; line-height: 1.25; font-variant-numeric: tabular-nums; white-space: nowrap } .tile span { color: var(--dim) }
section { margin-bottom: 18px; padding: 20px 22px }
.chart { overflow-x: auto; margin: 14px 0 6px } svg { display: block; width: 100%; min-width: 620px; height: auto }
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--text) } .tick { fill: var(--dim); font-size: 12px } .value { fill: var(--dim) }
.name { fill: var(--text) } .own { font-weight: 700 } .grid { stroke: var(--grid); stroke-width: 1 }
.curve { fill: none; stroke-width: 2.5; stroke-linejoin: round } .range { stroke-width: 4; stroke-linecap: round; opacity: .55 }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; color: var(--dim); font-size: 13px; margin: 10px 0 0; padding: 0; list-style: none }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; vertical-align: -1px }
.scroll { overflow-x: auto; margin-top: 12px } table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; white-space: nowrap }
th, td { padding: 5px 0 5px 14px; text-align: right; border-bottom: 1px solid var(--line) } th { color: var(--dim); font-weight: 500 }
th:first-child, td:first-child { text-align: left; padding-left: 0 } tr.own td { font-weight: 650 }
h3 { font-size: 14px; margin: 16px 0 0; font-weight: 600 } code { font-size: 13px } ul { margin: 0; padding-left: 18px }
`;

/** One class for each paint: an SVG attribute cannot hold a variable. */
export function paintRules(names: readonly string[]): string {
  return names
    .map(
      (name) =>
        `.fill-${name}{fill:var(--${name})}.stroke-${name}{stroke:var(--${name})}.back-${name}{background:var(--${name})}`,
    )
    .join('');
}
