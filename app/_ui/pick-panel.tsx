'use client';

import { Button, Checkbox, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { InertText } from './inert-text';
import classes from './pick-menu.module.css';
import { PopPanel, type PopPanelProps } from './pop-panel';

export interface Choice {
  value: string;
  label?: string;
  /** How many there are of it. */
  count?: number;
}

interface PickPanelProps extends PopPanelProps {
  options: readonly Choice[];
  value: readonly string[];
  onChange: (value: string[]) => void;
  addHint: string | undefined;
  /** What the counts are of. */
  note?: string | undefined;
  isClearable: boolean;
}

/** The open list of a menu: what there is to choose from, and what is picked already though it is not listed. */
export function PickPanel(props: PickPanelProps) {
  const { name, options, value, onChange, addHint, note, isClearable, opener, onClose } = props;
  const listed = new Set(options.map((option) => option.value));
  const all: Choice[] = [...options, ...value.filter((one) => !listed.has(one)).map((one) => ({ value: one }))];
  return (
    <PopPanel name={name} opener={opener} onClose={onClose} className={classes.panel}>
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
            label={
              <>
                <InertText>{option.label ?? option.value}</InertText>
                {option.count === undefined ? null : (
                  <span className={classes.count}> {option.count.toLocaleString('en-US')}</span>
                )}
              </>
            }
          />
        ))}
      </Checkbox.Group>
      {note ? <p className="small soft">{note}</p> : null}
      {isClearable ? (
        <Button size="compact-xs" variant="subtle" onClick={() => onChange([])}>
          Clear
        </Button>
      ) : null}
    </PopPanel>
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
