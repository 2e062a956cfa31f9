'use client';

import { Button, Checkbox, Popover, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { InertText } from './inert-text';
import classes from './pick-menu.module.css';
import { visibleText } from './visible-text';

interface Choice {
  value: string;
  label?: string;
}

interface PickMenuProps {
  name: string;
  options: readonly Choice[];
  value: readonly string[];
  onChange: (value: string[]) => void;
  /** Values may also be typed: what they look like. */
  addHint?: string;
  /** Whether the button tells what is picked; a filter does, a list of columns need not. */
  isQuiet?: boolean;
}

/** A button that tells what is picked, over a list of choices. Nothing picked means all. */
export function PickMenu({ name, options, value, onChange, addHint, isQuiet = false }: PickMenuProps) {
  const [opened, setOpened] = useState(false);
  const listed = new Set(options.map((option) => option.value));
  const all: Choice[] = [...options, ...value.filter((one) => !listed.has(one)).map((one) => ({ value: one }))];
  const isPicked = value.length > 0 && !isQuiet;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus returnFocus withRoles={false}>
      <Popover.Target>
        <Button
          size="compact-sm"
          variant={isPicked ? 'light' : 'default'}
          className={classes.button ?? ''}
          aria-haspopup="dialog"
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {isPicked ? `${name}: ${pickedText(value)}` : name}
        </Button>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={name} className={classes.dropdown ?? ''}>
        {addHint === undefined ? null : (
          <AddValue name={name} hint={addHint} onAdd={(added) => onChange([...new Set([...value, added])])} />
        )}
        {all.length === 0 && addHint === undefined ? <p className="small soft">Nothing to choose from yet.</p> : null}
        <Checkbox.Group value={[...value]} onChange={onChange} aria-label={name}>
          {all.map((option) => (
            <Checkbox
              key={option.value}
              size="xs"
              value={option.value}
              className={classes.option ?? ''}
              label={<InertText>{option.label ?? option.value}</InertText>}
            />
          ))}
        </Checkbox.Group>
        {isPicked ? (
          <Button size="compact-xs" variant="subtle" onClick={() => onChange([])}>
            Clear
          </Button>
        ) : null}
      </Popover.Dropdown>
    </Popover>
  );
}

function AddValue({ name, hint, onAdd }: { name: string; hint: string; onAdd: (value: string) => void }) {
  const [text, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) onAdd(text.trim());
    setText('');
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        size="xs"
        aria-label={`Add ${name.toLowerCase()}`}
        placeholder={hint}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
      />
    </form>
  );
}

function pickedText(value: readonly string[]): string {
  const [first = ''] = value;
  return value.length === 1 ? visibleText(first) : String(value.length);
}
