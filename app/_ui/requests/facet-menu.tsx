'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PageRange } from '@/app/_data/page-range';
import { facetsQuery, type RequestFilters } from '@/app/_data/requests';
import { PickMenu } from '@/app/_ui/pick-menu';
import type { Facet, FacetsAnswer } from '@/lib/contract/request-facets';

interface FacetMenuProps {
  name: string;
  facet: keyof FacetsAnswer;
  range: PageRange;
  filters: RequestFilters;
  value: readonly string[];
  /** Values that are offered though none was counted. */
  known?: readonly string[];
  addHint?: string;
  /** The side of its button that the list keeps to. */
  align?: 'start' | 'end';
  onChange: (value: string[]) => void;
}

/** One filter, with how many requests each of its values would leave. Counted when it is about to be opened. */
export function FacetMenu(props: FacetMenuProps) {
  const { name, facet, range, filters, value, known = [], addHint, align = 'start', onChange } = props;
  const [isWanted, setWanted] = useState(false);
  const { data } = useQuery({ ...facetsQuery(range, filters, facet), enabled: range.ready && isWanted });
  const counted = data?.[facet];
  const counts = new Map(counted?.values.map((one) => [one.value, one.requests]));
  const values = [...new Set([...counts.keys(), ...known])];
  return (
    <PickMenu
      name={name}
      options={values.map((one) => ({ value: one, ...countOf(counts.get(one)) }))}
      value={value}
      align={align}
      note={counted && basisText(counted)}
      onNear={() => setWanted(true)}
      onChange={onChange}
      {...(addHint === undefined ? {} : { addHint })}
    />
  );
}

// What waits or runs is in no count: nothing is better than a zero that is none.
function countOf(count: number | undefined): { count?: number } {
  return count === undefined ? {} : { count };
}

function basisText({ basis, requests }: Facet): string {
  if (basis === 'all') return 'Finished requests of the range.';
  return requests >= 10_000 ? 'Of the newest 10,000 that match.' : 'Of the newest that match.';
}
