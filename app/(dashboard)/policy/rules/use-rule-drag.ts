'use client';

import { type PointerEvent, useCallback, useRef, useState } from 'react';

export interface RuleDrag {
  /** The card that is held, and the gap that it would drop into: 0 is above the first. */
  from: number;
  gap: number;
}

const EDGE_PX = 48;
const SCROLL_PX = 12;

/**
 * Dragging a card by its handle, with any pointer. The list is only marked while it lasts; the move happens when the
 * pointer lets go. Escape lets go without it.
 */
export function useRuleDrag(onMove: (from: number, to: number) => void) {
  const list = useRef<HTMLOListElement>(null);
  const [drag, setDrag] = useState<RuleDrag | null>(null);
  const begin = useCallback(
    (from: number, event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.preventDefault();
      const handle = event.currentTarget;
      handle.setPointerCapture(event.pointerId);
      let gap = from;
      const move = (moved: globalThis.PointerEvent) => {
        if (moved.clientY < EDGE_PX) window.scrollBy(0, -SCROLL_PX);
        else if (moved.clientY > window.innerHeight - EDGE_PX) window.scrollBy(0, SCROLL_PX);
        gap = gapAt(list.current, moved.clientY);
        setDrag({ from, gap });
      };
      const end = (isDrop: boolean) => {
        handle.removeEventListener('pointermove', move);
        handle.removeEventListener('pointerup', drop);
        handle.removeEventListener('pointercancel', cancel);
        document.removeEventListener('keydown', onKey);
        setDrag(null);
        const to = gap > from ? gap - 1 : gap;
        if (isDrop && to !== from) onMove(from, to);
      };
      const drop = () => end(true);
      const cancel = () => end(false);
      const onKey = ({ key }: KeyboardEvent) => key === 'Escape' && end(false);
      handle.addEventListener('pointermove', move);
      handle.addEventListener('pointerup', drop);
      handle.addEventListener('pointercancel', cancel);
      document.addEventListener('keydown', onKey);
      setDrag({ from, gap });
    },
    [onMove],
  );
  return { list, drag, begin };
}

/** Number of cards whose middle is above the pointer. */
function gapAt(list: HTMLElement | null, y: number): number {
  const cards = [...(list?.children ?? [])];
  return cards.filter((card) => {
    const { top, height } = card.getBoundingClientRect();
    return top + height / 2 < y;
  }).length;
}
