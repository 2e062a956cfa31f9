'use client';

import { Switch } from '@mantine/core';
import { useEditor } from '@/app/(dashboard)/policy/editor-context';
import { ThresholdStrip } from '@/app/(dashboard)/policy/measured/threshold-strip';
import type { ActionDocument } from '@/lib/core/policy/document';
import classes from './action.module.css';
import { LaneChoice } from './lane-choice';
import { ShareInput } from './share-input';
import { TextField } from './text-field';

interface ActionEditorProps {
  action: ActionDocument;
  path: string;
  /** Whose action it is: `Rule 2`. */
  name: string;
  onChange: (action: ActionDocument, merge?: string) => void;
}

type Waiting = Exclude<ActionDocument, { lane: 'sync' }>;

/** Which lane, and how; what is left empty keeps its default. */
export function ActionEditor({ action, path, name, onChange }: ActionEditorProps) {
  const { reason } = useEditor();
  return (
    <div className={classes.action}>
      <LaneChoice name={name} lane={action.lane} onChange={(lane) => onChange(inLane(action, lane))} />
      {action.lane === 'sync' ? (
        <Switch
          size="sm"
          label="Spill to batch when upstream is overloaded"
          description="Only calls that state how long they may take."
          checked={action.spill ?? false}
          disabled={reason !== null}
          onChange={({ currentTarget }) =>
            onChange(currentTarget.checked ? { lane: 'sync', spill: true } : { lane: 'sync' })
          }
        />
      ) : (
        <BatchingEditor action={action} path={path} onChange={onChange} />
      )}
    </div>
  );
}

interface BatchingEditorProps {
  action: Waiting;
  path: string;
  onChange: (action: ActionDocument, merge?: string) => void;
}

function BatchingEditor({ action, path, onChange }: BatchingEditorProps) {
  const { reason } = useEditor();
  const put = (change: Partial<Record<string, unknown>>, merge?: string) => onChange(without(action, change), merge);
  return (
    <>
      {action.lane === 'auto' ? (
        <div className={classes.shares}>
          <ShareInput
            label="Misses at most"
            about="Batch only if it is measured to come back in time this surely."
            path={`${path}.maxMiss`}
            value={action.maxMiss}
            usual={0.2}
            whole={1}
            onChange={(maxMiss, merge) => put({ maxMiss }, merge)}
          />
          <ShareInput
            label="Saves at least"
            about="Of the sync price; escalations and lost cache reads are counted in."
            path={`${path}.minSaving`}
            value={action.minSaving}
            usual={0.1}
            whole={1}
            onChange={(minSaving, merge) => put({ minSaving }, merge)}
          />
          <ShareInput
            label="Explores"
            about="Share of calls that go to batch although too little is measured."
            path={`${path}.explore`}
            value={action.explore}
            usual={0}
            whole={1}
            onChange={(explore, merge) => put({ explore }, merge)}
          />
        </div>
      ) : null}
      <div className={classes.texts}>
        <TextField
          label="Deadline"
          about="The smaller of it and the call’s tolerance counts; it grants the time to calls that state none."
          path={`${path}.deadline`}
          value={action.deadline}
          placeholder={action.lane === 'auto' ? 'the tolerance alone' : 'tolerance, else 24h'}
          onChange={(text, merge) => put({ deadline: text === '' ? undefined : text }, merge)}
        />
        <TextField
          label="Window"
          about="How long calls are collected, at most 15m."
          path={`${path}.window`}
          value={action.window}
          placeholder="5s"
          onChange={(text, merge) => put({ window: text === '' ? undefined : text }, merge)}
        />
        <TextField
          label="Max. items"
          about="A batch is sent when it has so many."
          path={`${path}.maxItems`}
          value={action.maxItems}
          placeholder="1000"
          isNumber
          onChange={(text, merge) => put({ maxItems: text === '' ? undefined : Number(text) }, merge)}
        />
      </div>
      {action.deadline === undefined ? null : <ThresholdStrip duration={action.deadline} />}
      <Switch
        size="sm"
        label="Escalate: answer synchronously before the deadline passes"
        description="Off: what is late gets an honest 504."
        checked={action.escalate ?? true}
        disabled={reason !== null}
        onChange={({ currentTarget }) => put({ escalate: currentTarget.checked ? undefined : false })}
      />
    </>
  );
}

/** The action with the changes; what is `undefined` is left out of the document. */
function without(action: Waiting, change: Partial<Record<string, unknown>>): ActionDocument {
  const next = Object.entries({ ...action, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(next) as unknown as ActionDocument;
}

/** What both lanes know stays. */
function inLane(action: ActionDocument, lane: ActionDocument['lane']): ActionDocument {
  if (lane === action.lane) return action;
  if (lane === 'sync') return { lane };
  if (action.lane === 'sync') return { lane };
  const { deadline, escalate, window, maxItems } = action;
  return without({ lane }, { deadline, escalate, window, maxItems });
}
