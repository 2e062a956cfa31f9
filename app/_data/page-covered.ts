import { useSyncExternalStore } from 'react';

/** Dialogs, drawers and menus of whatever make: they all say what they are. */
const COVERS = '[role="dialog"], [role="menu"]';
/** Charts change the document often; a look now and then is enough. */
const LOOK_AFTER_MS = 100;

const listeners = new Set<() => void>();
let isCovered = false;
let observer: MutationObserver | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

function look(): void {
  timer = undefined;
  const now = [...document.querySelectorAll(COVERS)].some((cover) => cover.checkVisibility());
  if (now === isCovered) return;
  isCovered = now;
  for (const tell of listeners) tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!observer) {
    observer = new MutationObserver(() => {
      timer ??= setTimeout(look, LOOK_AFTER_MS);
    });
    observer.observe(document.body, { subtree: true, childList: true });
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    observer?.disconnect();
    observer = undefined;
    clearTimeout(timer);
    timer = undefined;
  };
}

/** Whether a dialog, a drawer or a menu is open. */
export function usePageCovered(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => isCovered,
    () => false,
  );
}
