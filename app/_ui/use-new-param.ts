'use client';

import { parseAsBoolean, useQueryState } from 'nuqs';
import { useCallback } from 'react';

/** Whether the page's "create" dialog is open. In the URL, so that the palette can open it on any page. */
export function useNewParam(): [isOpen: boolean, setOpen: (isOpen: boolean) => void] {
  const [isOpen, set] = useQueryState('new', parseAsBoolean.withDefault(false));
  return [isOpen, useCallback((next: boolean) => void set(next || null), [set])];
}
