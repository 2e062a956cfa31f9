'use client';

import type { MouseEvent } from 'react';

const PATH = /^\/requests\/([^/]+)$/;

/** The request that the address names, on whatever page it is shown. */
export function requestIdOf(pathname: string): string | null {
  const id = PATH.exec(pathname)?.[1];
  if (id === undefined) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/**
 * Shows a request over the page that is open: the address changes, the page below stays as it is. A reload or a shared
 * link of that address shows the request as a page of its own.
 */
export function openRequest(id: string): void {
  const url = `/requests/${encodeURIComponent(id)}${window.location.search}`;
  const state = { drawer: true, below: belowOf() };
  // A walk along the list is one step back, not many.
  if (requestIdOf(window.location.pathname) === null) window.history.pushState(state, '', url);
  else window.history.replaceState(state, '', url);
}

/** Address of the page below an open drawer. */
export function belowOf(): string {
  const state: unknown = window.history.state;
  if (typeof state === 'object' && state !== null && 'below' in state && typeof state.below === 'string') {
    if (requestIdOf(window.location.pathname) !== null) return state.below;
  }
  return window.location.pathname + window.location.search;
}

/** For links to a request: a plain click opens the drawer, any other click does what the browser does. */
export function onRequestLink(id: string) {
  return (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    openRequest(id);
  };
}
