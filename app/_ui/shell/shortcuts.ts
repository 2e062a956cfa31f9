'use client';

import { useEffect, useEffectEvent } from 'react';

/** How long the second key of `g o` may take. */
const SEQUENCE_MS = 1_200;

export type Shortcuts = Readonly<Record<string, () => void>>;

/**
 * Single keys and two-key sequences (`g o`), and `mod+k`. Off while text is typed, while a menu or dialog has the
 * focus, and with other modifiers, so that the browser's own shortcuts stay.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const actOf = useEffectEvent((name: string) => shortcuts[name]);
  useEffect(() => {
    let first = '';
    let firstAt = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.altKey) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (event.metaKey || event.ctrlKey) {
        const act = actOf(`mod+${key}`);
        if (!act) return;
        event.preventDefault();
        act();
        return;
      }
      if (event.repeat || isTyping(event.target)) return;
      const sequence = event.timeStamp - firstAt < SEQUENCE_MS ? actOf(`${first} ${key}`) : undefined;
      first = key;
      firstAt = event.timeStamp;
      const act = sequence ?? actOf(key);
      if (!act) return;
      first = '';
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest(
      'input:not([type="checkbox"], [type="radio"]), textarea, select, [role="dialog"], [role="listbox"]',
    ) !== null
  );
}
