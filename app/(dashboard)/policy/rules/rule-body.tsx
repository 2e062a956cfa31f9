'use client';

import { TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { ActionEditor } from '@/app/(dashboard)/policy/action/action-editor';
import { ShareInput } from '@/app/(dashboard)/policy/action/share-input';
import { ConditionEditor } from '@/app/(dashboard)/policy/condition/condition-editor';
import { useEditor, useFault } from '@/app/(dashboard)/policy/editor-context';
import { ModelFilterContext, modelFilter } from '@/app/(dashboard)/policy/measured/model-filter';
import type { Rule } from '@/lib/core/policy/document';
import classes from './rules.module.css';

interface RuleBodyProps {
  rule: Rule;
  index: number;
  path: string;
  onChange: (rule: Rule, merge?: string) => void;
}

/** All of a rule, in the order in which it is read: when, then, for whom. */
export function RuleBody({ rule, index, path, onChange }: RuleBodyProps) {
  const { reason } = useEditor();
  const whenFault = useFault(`${path}.when`);
  const isOff = reason !== null;
  return (
    <ModelFilterContext value={useMemo(() => modelFilter(rule.when), [rule.when])}>
      <div className={classes.body}>
        <div className={classes.names}>
          <TextInput
            size="xs"
            label="Name"
            value={rule.name}
            error={useFault(`${path}.name`)}
            disabled={isOff}
            autoComplete="off"
            data-rule-name={rule.id}
            onChange={(event) => onChange({ ...rule, name: event.currentTarget.value }, `${path}.name`)}
          />
          <TextInput
            size="xs"
            label="Id, as the log and x-offpeak-rule show it"
            value={rule.id}
            error={useFault(`${path}.id`)}
            disabled={isOff}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => onChange({ ...rule, id: event.currentTarget.value }, `${path}.id`)}
          />
        </div>
        <section className={classes.part} aria-label="When">
          <h2 className={classes.word}>When</h2>
          <div>
            {whenFault ? <p className={classes.fault}>{whenFault}</p> : null}
            <ConditionEditor
              condition={rule.when}
              path={`${path}.when`}
              name="Condition"
              onChange={(when, merge) => onChange({ ...rule, when }, merge)}
            />
          </div>
        </section>
        <section className={classes.part} aria-label="Then">
          <h2 className={classes.word}>Then</h2>
          <ActionEditor
            action={rule.then}
            path={`${path}.then`}
            name={`Rule ${index + 1}`}
            onChange={(then, merge) => onChange({ ...rule, then }, merge)}
          />
        </section>
        <section className={classes.part} aria-label="For">
          <h2 className={classes.word}>For</h2>
          <div className={classes.names}>
            <ShareInput
              label="Rollout"
              about="Share of sessions that the rule may take, always the same ones; the others go on to the next rule."
              path={`${path}.rollout`}
              value={rule.rollout}
              usual={100}
              whole={100}
              onChange={(rollout, merge) => onChange(withRollout(rule, rollout), merge)}
            />
            <TextInput
              size="xs"
              label="Note"
              value={rule.note ?? ''}
              error={useFault(`${path}.note`)}
              disabled={isOff}
              autoComplete="off"
              onChange={(event) => onChange(withNote(rule, event.currentTarget.value), `${path}.note`)}
            />
          </div>
        </section>
      </div>
    </ModelFilterContext>
  );
}

function withRollout({ rollout: _, ...rule }: Rule, rollout: number | undefined): Rule {
  return rollout === undefined ? rule : { ...rule, rollout };
}

function withNote({ note: _, ...rule }: Rule, note: string): Rule {
  return note === '' ? rule : { ...rule, note };
}
