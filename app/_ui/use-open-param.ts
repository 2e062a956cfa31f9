'use client';

import { parseAsBoolean, useQueryState } from 'nuqs';
import { useCallback } from 'react';

/** Whether a dialog of the page is open. In the URL, so that the palette can open it on any page. */
export function useOpenParam(name = 'new'): [isOpen: boolean, setOpen: (isOpen: boolean) => void] {
  const [isOpen, set] = useQueryState(name, parseAsBoolean.withDefault(false));
  return [isOpen, useCallback((next: boolean) => void set(next || null), [set])];
}
