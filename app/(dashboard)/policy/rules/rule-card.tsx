'use client';

import { Switch } from '@mantine/core';
import type { KeyboardEvent, PointerEvent } from 'react';
import { Icon } from '@/app/_ui/icon';
import { IconButton } from '@/app/_ui/icon-button';
import { InertText } from '@/app/_ui/inert-text';
import { visibleText } from '@/app/_ui/visible-text';
import { isWithin, sentence, useEditor } from '@/app/(dashboard)/policy/editor-context';
import type { Rule } from '@/lib/core/policy/document';
import type { PolicyWarning } from '@/lib/core/policy/warnings';
import { actionParts, conditionText } from '@/lib/core/policy-draft/condition-text';
import { LaneTag } from './lane-tag';
import { RuleBody } from './rule-body';
import classes from './rules.module.css';

export interface RuleActs {
  change: (i: number, rule: Rule, merge?: string) => void;
  move: (from: number, to: number) => void;
  duplicate: (i: number) => void;
  remove: (i: number) => void;
  toggle: (key: number) => void;
  grip: (i: number, event: PointerEvent<HTMLElement>) => void;
}

interface RuleCardProps {
  rule: Rule;
  ruleKey: number;
  index: number;
  count: number;
  isOpen: boolean;
  isHeld: boolean;
  /** Where a held card would drop: above or below this one. */
  drop: 'above' | 'below' | null;
  warnings: readonly PolicyWarning[];
  acts: RuleActs;
}

export function RuleCard(props: RuleCardProps) {
  const { rule, ruleKey, index, count, isOpen, isHeld, drop, warnings, acts } = props;
  const { reason, faults } = useEditor();
  const path = `rules[${index}]`;
  const wrong = [...faults].filter(([at]) => isWithin(at, path));
  const name = visibleText(rule.name) || rule.id;
  const isOff = reason !== null;
  const onKeyDown = (event: KeyboardEvent<HTMLLIElement>) => {
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (!event.altKey || step === 0 || isOff || isText(event.target)) return;
    event.preventDefault();
    acts.move(index, index + step);
  };
  return (
    <li
      className={classes.card}
      data-off={rule.enabled ? undefined : ''}
      data-held={isHeld || undefined}
      data-drop={drop ?? undefined}
      aria-label={`Rule ${index + 1}: ${name}`}
      onKeyDown={onKeyDown}
    >
      <div className={classes.head}>
        {isOff ? null : (
          // A pointer's way; the buttons and Alt with an arrow are the keyboard's.
          <span
            className={classes.grip}
            title="Drag to reorder, or Alt+↑ and Alt+↓"
            onPointerDown={(event) => acts.grip(index, event)}
          >
            <Icon name="grip" />
          </span>
        )}
        <span className={classes.place}>{index + 1}</span>
        <Switch
          size="xs"
          aria-label={`${name} is on`}
          checked={rule.enabled}
          disabled={isOff}
          onChange={(event) => acts.change(index, { ...rule, enabled: event.currentTarget.checked })}
        />
        <button
          type="button"
          className={classes.title}
          data-rule-title={rule.id}
          aria-expanded={isOpen}
          aria-label={`${name}, ${isOpen ? 'fold' : 'edit'}`}
          onClick={() => acts.toggle(ruleKey)}
        >
          <span className={classes.name}>
            <InertText>{rule.name || rule.id}</InertText>
          </span>
          <span className={classes.summary}>
            <InertText>{`when ${conditionText(rule.when)}`}</InertText>
          </span>
        </button>
        <span className={classes.then}>
          <LaneTag lane={rule.then.lane} />
          <span className="soft small">
            {[
              ...actionParts(rule.then),
              ...(rule.rollout === undefined || rule.rollout === 100 ? [] : [`${rule.rollout} % of sessions`]),
            ].join(' · ')}
          </span>
        </span>
        <span className={classes.acts}>
          {isOff ? null : (
            <>
              <IconButton
                icon="up"
                label={`Move ${name} up`}
                aria-disabled={index === 0}
                onClick={() => acts.move(index, index - 1)}
              />
              <IconButton
                icon="down"
                label={`Move ${name} down`}
                aria-disabled={index === count - 1}
                onClick={() => acts.move(index, index + 1)}
              />
              <IconButton icon="copy" label={`Duplicate ${name}`} onClick={() => acts.duplicate(index)} />
              <IconButton icon="trash" label={`Delete ${name}`} onClick={() => acts.remove(index)} />
            </>
          )}
        </span>
      </div>
      {wrong.length > 0 && !isOpen ? (
        <p className={classes.fault}>
          <Icon name="warning" />
          <span>
            {wrong.length === 1 ? '' : `${wrong.length} faults. `}
            <code>{wrong[0]?.[0]}</code> {sentence(wrong[0]?.[1] ?? '')}
          </span>
        </p>
      ) : null}
      {warnings.map((warning) => (
        <p key={warning.kind + warning.path} className={classes.warning}>
          <Icon name="warning" />
          <InertText>{sentence(warning.message)}</InertText>
        </p>
      ))}
      {isOpen ? (
        <RuleBody rule={rule} index={index} path={path} onChange={(next, merge) => acts.change(index, next, merge)} />
      ) : null}
    </li>
  );
}

/** In text Alt with an arrow moves the caret. */
function isText(target: EventTarget): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type="checkbox"], [type="radio"]), textarea, select') !== null
  );
}
