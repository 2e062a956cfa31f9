'use client';

import { Button } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useRef, useState } from 'react';
import classes from './pick-menu.module.css';
import type { Choice } from './pick-panel';
import { visibleText } from './visible-text';

const loadPanel = () => import('./pick-panel').then((module) => module.PickPanel);
const PickPanel = dynamic(loadPanel, { ssr: false });

interface PickMenuProps {
  name: string;
  options: readonly Choice[];
  value: readonly string[];
  onChange: (value: string[]) => void;
  /** Values may also be typed: what they look like. */
  addHint?: string;
  /** What the counts are of. */
  note?: string | undefined;
  /** A pointer or the focus comes near: the choices will be wanted. */
  onNear?: () => void;
  /** Whether the button tells what is picked; a filter does, a list of columns need not. */
  isQuiet?: boolean;
  /** The side of the button that the list keeps to. */
  align?: 'start' | 'end';
}

/**
 * A button that tells what is picked, over a list of choices. Nothing picked means all. The list is loaded when a
 * pointer or the focus comes near.
 */
export function PickMenu(props: PickMenuProps) {
  const { name, options, value, onChange, addHint, note, onNear, isQuiet = false, align = 'start' } = props;
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const isPicked = value.length > 0 && !isQuiet;
  const preload = () => {
    onNear?.();
    void loadPanel();
  };
  const close = () => {
    setOpened(false);
    button.current?.focus();
  };
  return (
    <div className={classes.anchor} data-align={align}>
      <Button
        ref={button}
        size="compact-sm"
        variant={isPicked ? 'light' : 'default'}
        className={classes.button ?? ''}
        aria-haspopup="dialog"
        aria-expanded={opened}
        onPointerEnter={preload}
        onFocus={preload}
        onClick={() => (opened ? close() : setOpened(true))}
      >
        {isPicked ? `${name}: ${pickedText(value)}` : name}
      </Button>
      {opened ? (
        <PickPanel
          name={name}
          options={options}
          value={value}
          onChange={onChange}
          addHint={addHint}
          note={note}
          isClearable={isPicked}
          opener={button}
          onClose={close}
        />
      ) : null}
    </div>
  );
}

function pickedText(value: readonly string[]): string {
  const [first = ''] = value;
  return value.length === 1 ? visibleText(first) : String(value.length);
}
