'use client';

import { useState } from 'react';
import { ActionEditor } from '@/app/(dashboard)/policy/action/action-editor';
import { isWithin, useEditor } from '@/app/(dashboard)/policy/editor-context';
import type { ActionDocument } from '@/lib/core/policy/document';
import { actionParts } from '@/lib/core/policy-draft/condition-text';
import { LaneTag } from './lane-tag';
import classes from './rules.module.css';

interface DefaultCardProps {
  action: ActionDocument;
  onChange: (action: ActionDocument, merge?: string) => void;
}

/** Always the last: it cannot move or go. */
export function DefaultCard({ action, onChange }: DefaultCardProps) {
  const [isOpen, setOpen] = useState(false);
  const { faults } = useEditor();
  const isWrong = [...faults.keys()].some((path) => isWithin(path, 'default'));
  return (
    <section className={classes.card} aria-label="Default">
      <div className={classes.head}>
        <button
          type="button"
          className={classes.title}
          aria-expanded={isOpen}
          aria-label={`Default, ${isOpen ? 'fold' : 'edit'}`}
          onClick={() => setOpen(!isOpen)}
        >
          <span className={classes.name}>Default</span>
          <span className={classes.summary}>when no rule matches</span>
        </button>
        <span className={classes.then}>
          <LaneTag lane={action.lane} />
          <span className="soft small">{actionParts(action).join(' · ')}</span>
        </span>
        <span className={classes.acts} />
      </div>
      {isWrong && !isOpen ? <p className={classes.fault}>It has faults.</p> : null}
      {isOpen ? (
        <div className={classes.body}>
          <ActionEditor action={action} path="default" name="Default" onChange={onChange} />
        </div>
      ) : null}
    </section>
  );
}
