'use client';

import dynamic from 'next/dynamic';
import { useSyncExternalStore } from 'react';

const ToastContainer = dynamic(() => import('./toast-container').then((m) => m.ToastContainer), { ssr: false });

let wanted = false;
const listeners = new Set<() => void>();

export function mountToasts(): void {
  wanted = true;
  for (const tell of listeners) tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function ToastHost() {
  const isWanted = useSyncExternalStore(
    subscribe,
    () => wanted,
    () => false,
  );
  return isWanted ? <ToastContainer /> : null;
}
