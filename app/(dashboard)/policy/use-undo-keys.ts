'use client';

import { useEffect, useEffectEvent } from 'react';
import type { DraftEditor } from './use-draft';

/** ⌘Z and ⇧⌘Z (or Ctrl, and Ctrl+Y). Where text is typed they are the browser's. */
export function useUndoKeys({ undo, redo }: Pick<DraftEditor, 'undo' | 'redo'>, isOn: boolean): void {
  const act = useEffectEvent((isBack: boolean) => (isBack ? undo() : redo()));
  useEffect(() => {
    if (!isOn) return;
    const onKeyDown = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      const isAsked = (event.metaKey || event.ctrlKey) && !event.altKey && (key === 'z' || key === 'y');
      if (!isAsked || event.defaultPrevented || isElsewhere(event.target)) return;
      event.preventDefault();
      act(key === 'z' && !event.shiftKey);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [isOn]);
}

function isElsewhere(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const typing = 'input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, [role="dialog"]';
  return target.closest(typing) !== null;
}
