'use client';

import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { useEffect, useRef, useState } from 'react';
import { keysQuery } from '@/app/_data/keys';
import { summaryQuery } from '@/app/_data/metrics';
import type { PageRange } from '@/app/_data/page-range';
import { Icon } from '@/app/_ui/icon';
import { PickMenu } from '@/app/_ui/pick-menu';
import { LANES, REQUEST_STATES } from '@/lib/core/request-states';
import classes from './requests.module.css';
import { requestParams } from './search-params';

const TYPING_MS = 300;

export function FilterBar({ range }: { range: PageRange }) {
  const [filters, set] = useQueryStates(requestParams, { history: 'push' });
  const { data: summary } = useQuery(summaryQuery(range));
  const { data: keys } = useQuery(keysQuery);
  const models = (summary?.byModel ?? []).map(({ model }) => ({ value: model }));
  const keyNames = [...new Set((keys?.keys ?? []).map(({ name }) => name))].map((name) => ({ value: name }));
  return (
    <search className={classes.filters}>
      <SearchField value={filters.q} onChange={(q) => void set({ q: q || null })} />
      <PickMenu
        name="Model"
        options={models}
        value={filters.model}
        onChange={(model) => void set({ model: model.length > 0 ? model : null })}
      />
      <PickMenu
        name="State"
        options={REQUEST_STATES.map((value) => ({ value }))}
        value={filters.status}
        onChange={(picked) => void set({ status: pickedOf(REQUEST_STATES, picked) })}
      />
      <PickMenu
        name="Lane"
        options={LANES.map((value) => ({ value }))}
        value={filters.lane}
        onChange={(picked) => void set({ lane: pickedOf(LANES, picked) })}
      />
      <PickMenu
        name="Key"
        options={keyNames}
        value={filters.key}
        onChange={(key) => void set({ key: key.length > 0 ? key : null })}
      />
      <PickMenu
        name="Tag"
        options={[]}
        value={filters.tag}
        addHint="name=value, then Enter"
        onChange={(tags) => {
          const tag = tags.filter((one) => one.indexOf('=') > 0);
          void set({ tag: tag.length > 0 ? tag : null });
        }}
      />
    </search>
  );
}

function pickedOf<T extends string>(known: readonly T[], picked: readonly string[]): T[] | null {
  const kept = known.filter((value) => picked.includes(value));
  return kept.length > 0 ? kept : null;
}

/** Searches once the typing rests, or at once with Enter. */
function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (value !== seen) {
    // The address changed by itself: back, a link, the palette.
    setSeen(value);
    setText(value);
  }
  useEffect(() => {
    if (window.location.hash === '#search') field.current?.focus();
    return () => clearTimeout(timer.current);
  }, []);
  const search = (next: string) => {
    clearTimeout(timer.current);
    setSeen(next.trim());
    onChange(next.trim());
  };
  return (
    <TextInput
      ref={field}
      size="xs"
      className={classes.search ?? ''}
      aria-label="Search requests"
      placeholder="An id, or the start of a model, key, rule, error"
      leftSection={<Icon name="search" size={14} />}
      maxLength={200}
      data-page-search
      value={text}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => search(next), TYPING_MS);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') search(text);
      }}
    />
  );
}
