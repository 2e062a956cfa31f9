'use client';

import { createContext, useContext } from 'react';
import type { LatencyAnswer } from '@/lib/contract/metrics';

export type MeasuredRow = LatencyAnswer['rows'][number];

/** What the parts of the editor share, however deep they are. */
export interface EditorContent {
  /** Nothing may be changed: why, else `null`. */
  reason: string | null;
  /** The first fault of each path. */
  faults: ReadonlyMap<string, string>;
  models: readonly string[];
  keys: readonly string[];
  /** Measured turnarounds of batches, one row a model. `null`: not known yet. */
  turnarounds: readonly MeasuredRow[] | null;
  /** What "measured" speaks of: `last 24 hours`. */
  rangeText: string;
}

export const EditorContext = createContext<EditorContent>({
  reason: null,
  faults: new Map(),
  models: [],
  keys: [],
  turnarounds: null,
  rangeText: '',
});

export const useEditor = (): EditorContent => useContext(EditorContext);

/** What is wrong at exactly this path, as a sentence. */
export function useFault(path: string): string | null {
  const fault = useEditor().faults.get(path);
  return fault === undefined ? null : sentence(fault);
}

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Whether a fault's path lies within `path`. */
export function isWithin(inner: string, path: string): boolean {
  return inner === path || inner.startsWith(`${path}.`) || inner.startsWith(`${path}[`);
}
