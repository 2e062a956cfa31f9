'use client';

import { useSyncExternalStore } from 'react';
import { isoInZone, momentLabel } from '@/lib/core/series/time-labels';
import { agoText } from './amounts';

/** One clock for all relative times of a page. */
const listeners = new Set<() => void>();
let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Unix ms, once a second; 0 while the server renders. */
export function useNow(): number {
  return useSyncExternalStore(
    subscribe,
    () => (now ||= Date.now()),
    () => 0,
  );
}

/** A relative time whose exact one, in the shown zone, is its title. */
export function Ago({ at, zone }: { at: string; zone: string }) {
  const nowMs = useNow();
  const atMs = Date.parse(at);
  return (
    <time dateTime={isoInZone(atMs, zone)} title={`${momentLabel(atMs, zone, true)} ${zone}`}>
      {nowMs === 0 ? '' : agoText(atMs, nowMs)}
    </time>
  );
}
