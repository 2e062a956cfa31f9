'use client';

import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { billComparisonQuery } from '@/app/_data/bills';
import { countText, moneyText, shareText } from '@/app/_ui/amounts';
import { download } from '@/app/_ui/download';
import { IconButton } from '@/app/_ui/icon-button';
import { InertText } from '@/app/_ui/inert-text';
import { QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import type { Bill, ComparedLine } from '@/lib/contract/bills';
import { type Drift, driftOf } from '@/lib/core/bill/drift';
import { csvOf } from '@/lib/core/series/csv';
import classes from './prices.module.css';

const DAY_MS = 86_400_000;
const MOST_DAYS = 100;
/** Less than this is rounding on one of the two sides. */
const NOTABLE = 0.005;

type Kind = 'usage' | 'cost';

/** Theirs, ours and the drift, a line per day, model and tier. */
export function BillComparisonView({ bills }: { bills: readonly Bill[] }) {
  const [asked, setKind] = useState<Kind | null>(null);
  const kinds = (['cost', 'usage'] as const).filter((one) => bills.some((bill) => bill.kind === one));
  const kind = asked !== null && kinds.includes(asked) ? asked : (kinds[0] ?? 'cost');
  const lastDay =
    bills
      .map((bill) => bill.lastDay)
      .sort()
      .at(-1) ?? '';
  const oldest = new Date(Date.parse(lastDay) - (MOST_DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  // A comparison has its limit: of a longer time the end.
  const [first = oldest] = bills.map((bill) => bill.firstDay).sort();
  const [, from = oldest] = [first, oldest].sort();
  const query = useQuery(billComparisonQuery(from, lastDay));
  return (
    <QueryState what="The comparison" query={query} height={160}>
      {(compared) => {
        const lines = compared[kind];
        const all = driftOf(kind, lines);
        return (
          <>
            <div className={classes.compared}>
              <NativeSelect
                size="xs"
                aria-label="Compare"
                data={kinds.map((value) => ({ value, label: value === 'cost' ? 'Cost' : 'Tokens' }))}
                value={kind}
                onChange={(event) => setKind(event.currentTarget.value === 'usage' ? 'usage' : 'cost')}
              />
              <p>
                Bill {amount(kind, all.theirs)}, Offpeak {amount(kind, all.ours)}: <DriftText kind={kind} drift={all} />
              </p>
              <IconButton
                icon="download"
                label="Comparison: download CSV"
                onClick={() => download(`offpeak-bill-${kind}.csv`, csvOf(tableOf(kind, lines)))}
              />
            </div>
            <ScrollRegion name="Comparison, table" height={360}>
              <table className="rows">
                <thead>
                  <tr>
                    <th scope="col">Day (UTC)</th>
                    <th scope="col">Model</th>
                    <th scope="col">Tier</th>
                    {['Bill', 'Offpeak', 'Drift'].map((name) => (
                      <th key={name} scope="col" data-numeric>
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {lines.map((line) => (
                    <ComparedRow key={`${line.day} ${line.model} ${line.tier}`} kind={kind} line={line} />
                  ))}
                </tbody>
              </table>
            </ScrollRegion>
          </>
        );
      }}
    </QueryState>
  );
}

function ComparedRow({ kind, line }: { kind: Kind; line: ComparedLine }) {
  const drift = driftOf(kind, [line]);
  return (
    <tr>
      <td className={classes.from}>
        {line.day}
        {line.partial ? <span className="small soft"> not over when imported</span> : null}
      </td>
      <th scope="row">
        {line.model === null ? <span className="soft">all</span> : <InertText>{line.model}</InertText>}
        {line.unpriced > 0 ? (
          <div className={`small ${classes.notable}`}>{countText(line.unpriced)} unpriced</div>
        ) : null}
      </th>
      <td>{line.tier === null ? <span className="soft">all</span> : <InertText>{line.tier}</InertText>}</td>
      <td data-numeric>{line.theirs ? amount(kind, drift.theirs) : <span className="soft">not on it</span>}</td>
      <td data-numeric>{line.ours ? amount(kind, drift.ours) : <span className="soft">none</span>}</td>
      <td data-numeric>
        <DriftText kind={kind} drift={drift} />
      </td>
    </tr>
  );
}

function DriftText({ kind, drift: { gap, share } }: { kind: Kind; drift: Drift }) {
  const sign = gap > 0 ? '+' : '';
  const isNotable = share === null ? gap !== 0 : Math.abs(share) >= NOTABLE;
  return (
    <span className={isNotable ? classes.notable : classes.even}>
      {gap === 0 ? 'no drift' : `${sign}${amount(kind, gap)}`}
      {share === null || gap === 0 ? '' : ` (${sign}${shareText(share)})`}
    </span>
  );
}

function amount(kind: Kind, value: number): string {
  return kind === 'cost' ? moneyText(value) : countText(value);
}

function tableOf(kind: Kind, lines: readonly ComparedLine[]) {
  const names = kind === 'cost' ? (['costUsd'] as const) : (['input', 'output', 'cacheRead', 'cacheWrite'] as const);
  return {
    head: ['day_utc', 'model', 'tier', ...names.flatMap((name) => [`bill_${name}`, `offpeak_${name}`])],
    rows: lines.map((line) => [
      line.day,
      line.model ?? '',
      line.tier ?? '',
      ...names.flatMap((name) => [String(line.theirs?.[name] ?? ''), String(line.ours?.[name] ?? '')]),
    ]),
  };
}
