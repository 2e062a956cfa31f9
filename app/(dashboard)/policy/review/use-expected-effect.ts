'use client';

import { useState } from 'react';
import { usePageRange } from '@/app/_data/page-range';
import { PRESETS, rangeLabel } from '@/app/_ui/shell/range-presets';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { useBacktest } from './use-backtest';

/** A backtest of the document over a range that begins as the page's and can be chosen. */
export function useExpectedEffect(document: PolicyDocument) {
  const page = usePageRange();
  const [range, setRange] = useState({ from: page.from, to: page.to });
  const ranges = PRESETS.some(({ from, to }) => from === page.from && to === page.to)
    ? PRESETS
    : [{ from: page.from, to: page.to, label: rangeLabel(page.from, page.to, page.tz) }, ...PRESETS];
  return { ...useBacktest(JSON.stringify(document), range.from, range.to), range, setRange, ranges, zone: page.tz };
}

export type ExpectedEffect = ReturnType<typeof useExpectedEffect>;
