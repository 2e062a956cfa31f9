'use client';

import { TextInput } from '@mantine/core';
import { useQueryStates } from 'nuqs';
import { useEffect, useRef, useState } from 'react';
import type { PageRange } from '@/app/_data/page-range';
import { Icon } from '@/app/_ui/icon';
import { FacetMenu } from '@/app/_ui/requests/facet-menu';
import type { FacetsAnswer } from '@/lib/contract/request-facets';
import { LANES, REQUEST_STATES } from '@/lib/core/request-states';
import classes from './requests.module.css';
import { requestParams } from './search-params';

const TYPING_MS = 300;

export function FilterBar({ range }: { range: PageRange }) {
  const [filters, set] = useQueryStates(requestParams, { history: 'push' });
  const facet = (name: keyof FacetsAnswer) => ({ facet: name, range, filters });
  return (
    <search className={classes.filters}>
      <SearchField value={filters.q} onChange={(q) => void set({ q: q || null })} />
      <FacetMenu
        name="Model"
        {...facet('model')}
        value={filters.model}
        onChange={(model) => void set({ model: someOf(model) })}
      />
      <FacetMenu
        name="State"
        {...facet('status')}
        known={REQUEST_STATES}
        value={filters.status}
        onChange={(picked) => void set({ status: pickedOf(REQUEST_STATES, picked) })}
      />
      <FacetMenu
        name="Lane"
        {...facet('lane')}
        known={LANES}
        value={filters.lane}
        onChange={(picked) => void set({ lane: pickedOf(LANES, picked) })}
      />
      <FacetMenu
        name="Answered by"
        {...facet('served')}
        known={LANES}
        value={filters.served}
        onChange={(picked) => void set({ served: pickedOf(LANES, picked) })}
      />
      <FacetMenu name="Key" {...facet('key')} value={filters.key} onChange={(key) => void set({ key: someOf(key) })} />
      <FacetMenu
        name="Rule"
        align="end"
        {...facet('rule')}
        value={filters.rule}
        onChange={(rule) => void set({ rule: someOf(rule) })}
      />
      <FacetMenu
        name="Tag"
        align="end"
        {...facet('tag')}
        value={filters.tag}
        addHint="name=value, then Enter"
        onChange={(tags) => void set({ tag: someOf(tags.filter((one) => one.indexOf('=') > 0)) })}
      />
      <FacetMenu
        name="Error"
        align="end"
        {...facet('error')}
        value={filters.error}
        onChange={(error) => void set({ error: someOf(error) })}
      />
    </search>
  );
}

function someOf(picked: readonly string[]): string[] | null {
  return picked.length > 0 ? [...picked] : null;
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
      placeholder="An id, or the start of a model, key, tag, error"
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
