'use client';

import { Button } from '@mantine/core';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { announce } from '@/app/_ui/live-region';
import { visibleText } from '@/app/_ui/visible-text';
import { useEditor } from '@/app/(dashboard)/policy/editor-context';
import type { DraftEditor } from '@/app/(dashboard)/policy/use-draft';
import type { PolicyDocument, Rule } from '@/lib/core/policy/document';
import { parsePolicy } from '@/lib/core/policy/document';
import { policyWarnings } from '@/lib/core/policy/warnings';
import { blankRule, copyOf, ruleFrom, type Template } from '@/lib/core/policy-draft/templates';
import { AddRule } from './add-rule';
import { DefaultCard } from './default-card';
import { type RuleActs, RuleCard } from './rule-card';
import classes from './rules.module.css';
import { useRuleDrag } from './use-rule-drag';
import { ZoneField } from './zone-field';

/** The rules in their order, first match wins, and the default that takes what is left. */
export function RuleList({ editor }: { editor: DraftEditor }) {
  const { document: policy, keys } = editor.draft;
  const { rules } = policy;
  const { reason } = useEditor();
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [deleted, setDeleted] = useState<{ name: string; left: number } | null>(null);
  /** Id of a rule that was just made: its name is what comes next. */
  const [made, setMade] = useState<string | null>(null);
  const warnings = useWarnings(policy);
  const put = (next: Rule[], merge?: string) => {
    setDeleted(null);
    editor.change({ ...policy, rules: next }, merge);
  };

  const move = (from: number, to: number) => {
    const rule = rules[from];
    if (!rule || to < 0 || to >= rules.length) return;
    const focused = document.activeElement;
    flushSync(() => put(rules.toSpliced(from, 1).toSpliced(to, 0, rule)));
    // The moved card's elements lose the focus when they change their place.
    if (focused instanceof HTMLElement) focused.focus();
    announce(`${visibleText(rule.name)} moved to place ${to + 1} of ${rules.length}`);
  };
  const { list, drag, begin } = useRuleDrag(move);

  const insert = (rule: Rule, at: number) => {
    put(rules.toSpliced(at, 0, rule));
    setMade(rule.id);
  };
  const ids = rules.map(({ id }) => id);
  const add = (template: Template | null) => insert(template ? ruleFrom(template, ids) : blankRule(ids), rules.length);

  const acts: RuleActs = {
    change: (i, rule, merge) => put(rules.with(i, rule), merge),
    move,
    duplicate: (i) => {
      const rule = rules[i];
      if (rule) insert(copyOf(rule, ids), i + 1);
    },
    remove: (i) => {
      put(rules.toSpliced(i, 1));
      const name = visibleText(rules[i]?.name ?? '');
      setDeleted({ name, left: rules.length - 1 });
      announce(`${name} deleted`);
    },
    toggle: (key) =>
      setOpen((now) => (now.has(key) ? new Set([...now].filter((one) => one !== key)) : new Set([...now, key]))),
    grip: begin,
  };

  const madeKey = made === null ? undefined : keys[rules.findIndex(({ id }) => id === made)];
  useEffect(() => {
    if (madeKey === undefined) return;
    setOpen((now) => new Set([...now, madeKey]));
    setMade(null);
    requestAnimationFrame(() => {
      const field = document.querySelector<HTMLInputElement>(`[data-rule-name="${CSS.escape(made ?? '')}"]`);
      field?.focus();
      field?.select();
      field?.closest('li')?.scrollIntoView({ block: 'nearest' });
    });
  }, [made, madeKey]);

  return (
    <>
      {rules.length === 0 ? <p className={classes.empty}>No rules: the default takes every call.</p> : null}
      <ol className={classes.list} ref={list} aria-label="Rules, first match wins">
        {rules.map((rule, i) => (
          <RuleCard
            key={keys[i]}
            ruleKey={keys[i] ?? i}
            rule={rule}
            index={i}
            count={rules.length}
            isOpen={open.has(keys[i] ?? i)}
            isHeld={drag?.from === i}
            drop={dropOf(drag, i, rules.length)}
            warnings={warnings.filter(({ rule: id }) => id === rule.id)}
            acts={acts}
          />
        ))}
      </ol>
      <div className={classes.add}>
        {reason === null ? <AddRule onAdd={add} /> : null}
        {deleted?.left !== rules.length ? null : (
          <DeletedNote
            name={deleted.name}
            onUndo={() => {
              editor.undo();
              setDeleted(null);
            }}
          />
        )}
      </div>
      <DefaultCard
        action={policy.default}
        onChange={(action, merge) => editor.change({ ...policy, default: action }, merge)}
      />
      <ZoneField policy={policy} onChange={editor.change} />
    </>
  );
}

/** The focus was on what is gone: it goes to the way back. */
function DeletedNote({ name, onUndo }: { name: string; onUndo: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <span className="small">
      “{name}” deleted.{' '}
      <Button ref={button} size="compact-xs" variant="subtle" onClick={onUndo}>
        Undo
      </Button>
    </span>
  );
}

function dropOf(drag: { from: number; gap: number } | null, i: number, count: number): 'above' | 'below' | null {
  if (!drag || drag.gap === drag.from || drag.gap === drag.from + 1) return null;
  if (drag.gap === i) return 'above';
  return drag.gap === count && i === count - 1 ? 'below' : null;
}

/** The worst document takes half a second: typing does not wait for it. */
function useWarnings(policy: PolicyDocument) {
  const settled = useDeferredValue(policy);
  return useMemo(() => {
    const parsed = parsePolicy(settled);
    return 'document' in parsed ? policyWarnings(parsed.document) : [];
  }, [settled]);
}
