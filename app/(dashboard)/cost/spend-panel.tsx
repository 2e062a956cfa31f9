'use client';

import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { useCallback, useId, useState } from 'react';
import { keysQuery } from '@/app/_data/keys';
import { costQuery } from '@/app/_data/metrics';
import { previousSavingsQuery } from '@/app/_data/spend';
import { ChartPanel } from '@/app/_ui/charts/chart-panel';
import { chartWindow, periodBefore, type ZoomProps } from '@/app/_ui/charts/chart-window';
import { filterText, useOpenSpan } from '@/app/_ui/charts/use-open-span';
import type { CostAnswer } from '@/lib/contract/metrics';
import { COST_GROUPS } from '@/lib/core/cost-groups';
import type { ChartPoint } from '@/lib/core/series/chart-model';
import { costChart } from '@/lib/core/series/cost-chart';
import { TAG_NAME } from '@/lib/core/tags';
import classes from './cost.module.css';
import { costParams } from './search-params';

const HEIGHT = 272;
/** Sums and gaps: no filter selects their requests alone. */
const NO_NAMES: readonly string[] = ['(none)', '(other)'];

export function SpendPanel({ range, onZoom }: ZoomProps) {
  const [{ by }, set] = useQueryStates(costParams, { history: 'push' });
  const query = useQuery(costQuery(range, by));
  const { compare, setCompare } = range;
  const { data: before } = useQuery(previousSavingsQuery(range));
  const prepare = useCallback(
    (answer: CostAnswer, updatedAt: number) => {
      const window = chartWindow(range, updatedAt);
      const previous = periodBefore(range, window, before);
      return costChart({ ...answer, window, timeZone: range.tz, groupBy: by, previous });
    },
    [range, by, before],
  );
  const open = useOpenSpan();
  const pick = (point: ChartPoint, group: string | null) => {
    const name = group !== null && Object.hasOwn(point.values, group) && !NO_NAMES.includes(group) ? group : null;
    const filter = by.startsWith('tag.')
      ? filterText('tag', name === null ? null : `${by.slice(4)}=${name}`)
      : filterText(by, name);
    open(`/requests${filter}`, point);
  };
  return (
    <ChartPanel
      title="Spend"
      note="USD per bucket, every upstream attempt, at the prices in force"
      kind="bars"
      height={HEIGHT}
      query={query}
      prepare={prepare}
      emptyText="No priced call in this range."
      onZoom={onZoom}
      onPick={pick}
      controls={
        <div className={classes.controls}>
          <Checkbox
            size="xs"
            label="Period before"
            checked={compare}
            onChange={(event) => setCompare(event.currentTarget.checked)}
          />
          <GroupControl by={by} onChange={(next) => void set({ by: next === 'model' ? null : next })} />
        </div>
      }
    />
  );
}

function GroupControl({ by, onChange }: { by: string; onChange: (by: string) => void }) {
  const [isTag, setTag] = useState(by.startsWith('tag.'));
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label="Split spend by"
        value={isTag ? 'tag' : by}
        onChange={(event) => {
          const next = event.currentTarget.value;
          setTag(next === 'tag');
          if (next !== 'tag') onChange(next);
        }}
        data={[...COST_GROUPS.map((value) => ({ value, label: `by ${value}` })), { value: 'tag', label: 'by tag…' }]}
      />
      {isTag ? <TagName name={by.replace(/^tag\./, '')} isSet={by.startsWith('tag.')} onName={onChange} /> : null}
    </>
  );
}

/** Any tag can be asked for; those of keys are offered. */
function TagName({ name, isSet, onName }: { name: string; isSet: boolean; onName: (by: string) => void }) {
  const { data } = useQuery(keysQuery);
  const list = useId();
  const known = [...new Set((data?.keys ?? []).flatMap(({ tags }) => Object.keys(tags)))].sort();
  const [text, setText] = useState(isSet ? name : '');
  const isValid = TAG_NAME.test(text);
  const apply = () => {
    if (isValid) onName(`tag.${text}`);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <TextInput
        size="xs"
        className={classes.tag ?? ''}
        aria-label="Name of the tag"
        placeholder="team"
        list={list}
        value={text}
        error={text !== '' && !isValid}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={apply}
      />
      <datalist id={list}>
        {known.map((tag) => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
    </form>
  );
}
