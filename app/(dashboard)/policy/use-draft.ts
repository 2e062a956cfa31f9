'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { discardDraft, keepDraft } from '@/app/_data/policy';
import type { PolicyDraftRequest } from '@/lib/contract/policy';
import type { PolicyDocument } from '@/lib/core/policy/document';
import {
  type Draft,
  type DraftHistory,
  edited,
  openHistory,
  printed,
  redone,
  textEdited,
  undone,
} from '@/lib/core/policy-draft/draft';
import { editableDocument } from '@/lib/core/policy-draft/editable';
import { same } from '@/lib/core/policy-draft/rebase';

export interface Base {
  version: number;
  document: PolicyDocument;
}

export type Saved = 'saved' | 'saving' | 'failed';

export interface DraftEditor {
  base: Base;
  draft: Draft;
  isChanged: boolean;
  saved: Saved;
  canUndo: boolean;
  canRedo: boolean;
  /** @param merge name of a run of changes that is undone at once, such as typing in one field. */
  change: (document: PolicyDocument, merge?: string) => void;
  changeText: (text: string) => void;
  undo: () => void;
  redo: () => void;
  /** Begins anew on another version: after publishing, discarding or rebasing. */
  restart: (base: Base, document?: PolicyDocument) => void;
}

const PAUSE_MS = 400;

/** The draft of this operator: here while it is written, on the server a moment later. */
export function useDraft(first: Base, stored: PolicyDraftRequest | null): DraftEditor {
  const [base, setBase] = useState(first);
  const [history, setHistory] = useState(() => openStored(first, stored));
  const { present } = history;
  const isChanged = present.isBroken || !same(present.document, base.document);
  const saved = useAutosave(isChanged ? { baseVersion: base.version, document: contentOf(present) } : null, stored);

  return {
    base,
    draft: present,
    isChanged,
    saved,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    change: useCallback((document, merge) => setHistory((now) => edited(now, document, merge ?? null)), []),
    changeText: useCallback((text) => setHistory((now) => textEdited(now, text)), []),
    undo: useCallback(() => setHistory(undone), []),
    redo: useCallback(() => setHistory(redone), []),
    restart: useCallback((next, document) => {
      setBase(next);
      setHistory(openHistory(document ?? next.document));
    }, []),
  };
}

function openStored({ document }: Base, stored: PolicyDraftRequest | null): DraftHistory {
  if (stored === null) return openHistory(document);
  if (typeof stored.document === 'string') return openHistory(document, stored.document);
  const kept = editableDocument(stored.document);
  return kept ? openHistory(kept) : openHistory(document, printed(stored.document as PolicyDocument));
}

function contentOf({ isBroken, text, document }: Draft): unknown {
  return isBroken ? text : document;
}

/** Keeps what there is once nothing has changed for a moment, and at the latest when the page is left. */
function useAutosave(content: PolicyDraftRequest | null, stored: PolicyDraftRequest | null): Saved {
  const text = JSON.stringify(content);
  const [kept, setKept] = useState(() =>
    JSON.stringify(stored && { baseVersion: stored.baseVersion, document: stored.document }),
  );
  const [failed, setFailed] = useState<string | null>(null);
  const waiting = useRef<(() => void) | null>(null);
  useEffect(() => {
    if (text === kept) {
      waiting.current = null;
      return;
    }
    const write = () => {
      waiting.current = null;
      const request = JSON.parse(text) as PolicyDraftRequest | null;
      (request === null ? discardDraft() : keepDraft(request)).then(
        () => setKept(text),
        () => setFailed(text),
      );
    };
    waiting.current = write;
    const timer = setTimeout(write, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, kept]);
  useEffect(() => {
    const now = () => waiting.current?.();
    window.addEventListener('pagehide', now);
    return () => {
      window.removeEventListener('pagehide', now);
      now();
    };
  }, []);
  return text === kept ? 'saved' : failed === text ? 'failed' : 'saving';
}
