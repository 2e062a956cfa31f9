import { type PolicyDocument, type PolicyFault, parsePolicy } from '@/lib/core/policy/document';
import { editableDocument } from './editable';

/** A policy that is being written. */
export interface Draft {
  /** What the forms show: of a document's shape, whatever its values. */
  document: PolicyDocument;
  /** A stable name for each rule, whatever becomes of its place and its id. */
  keys: readonly number[];
  /** JSON as it was typed, until a form is used again; `null`: the document, printed. */
  text: string | null;
  /** The text is no JSON, or not one that the forms can show: they show what was there before it. */
  isBroken: boolean;
}

export interface DraftHistory {
  past: readonly Draft[];
  present: Draft;
  future: readonly Draft[];
  /** What the last change was a part of: more of the same is one step back. */
  merge: string | null;
}

const MOST_STEPS = 200;

export function openHistory(document: PolicyDocument, text: string | null = null): DraftHistory {
  const keys = document.rules.map((_, i) => i);
  const present: Draft = { document, keys, text: null, isBroken: false };
  return { past: [], present: text === null ? present : typed(present, text), future: [], merge: null };
}

/** @param merge name of a run of changes, such as typing in one field, that is undone at once. */
export function edited(history: DraftHistory, document: PolicyDocument, merge: string | null): DraftHistory {
  const { present } = history;
  return step(history, { document, keys: keysOf(present, document), text: null, isBroken: false }, merge);
}

export function textEdited(history: DraftHistory, text: string): DraftHistory {
  return step(history, typed(history.present, text), 'text');
}

export function undone(history: DraftHistory): DraftHistory {
  const { past, present, future } = history;
  const last = past.at(-1);
  return last ? { past: past.slice(0, -1), present: last, future: [present, ...future], merge: null } : history;
}

export function redone(history: DraftHistory): DraftHistory {
  const { past, present, future } = history;
  const [next, ...rest] = future;
  return next ? { past: [...past, present], present: next, future: rest, merge: null } : history;
}

export function textOf({ text, document }: Draft): string {
  return text ?? printed(document);
}

/** As a person would write it: Postgres keeps no order of keys. */
export function printed(document: PolicyDocument): string {
  return JSON.stringify(document, inOrder, 2);
}

const ORDER =
  'timeZone rules default id name enabled when field op value then lane deadline maxMiss minSaving explore escalate window maxItems spill rollout note'.split(
    ' ',
  );

function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const place = (key: string) => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => place(a) - place(b)));
}

/** Everything that is wrong with it, as the server would say it. */
export function faultsOf({ text, isBroken, document }: Draft): readonly PolicyFault[] {
  let json: unknown = document;
  if (isBroken) {
    try {
      json = JSON.parse(text ?? '');
    } catch (error) {
      return [{ path: '', message: `is no JSON yet: ${error instanceof Error ? error.message : 'it cannot be read'}` }];
    }
  }
  const parsed = parsePolicy(json);
  return 'errors' in parsed ? parsed.errors : [];
}

function step(history: DraftHistory, present: Draft, merge: string | null): DraftHistory {
  const continues = merge !== null && merge === history.merge;
  const past = continues ? history.past : [...history.past, history.present].slice(-MOST_STEPS);
  return { past, present, future: [], merge };
}

function typed(before: Draft, text: string): Draft {
  const document = read(text);
  return document
    ? { document, keys: keysOf(before, document), text, isBroken: false }
    : { ...before, text, isBroken: true };
}

function read(text: string): PolicyDocument | null {
  try {
    return editableDocument(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A rule keeps its key by its id, or by its place when only the id has changed. */
function keysOf(before: Draft, { rules }: PolicyDocument): readonly number[] {
  const left = new Map<number, string>(before.keys.map((key, i) => [key, before.document.rules[i]?.id ?? '']));
  const byId = rules.map(({ id }) => {
    const found = [...left].find(([, other]) => other === id)?.[0];
    if (found !== undefined) left.delete(found);
    return found;
  });
  let next = Math.max(-1, ...before.keys) + 1;
  return byId.map((key, i) => {
    if (key !== undefined) return key;
    const atPlace = before.keys[i];
    if (rules.length === before.keys.length && atPlace !== undefined && left.delete(atPlace)) return atPlace;
    return next++;
  });
}
