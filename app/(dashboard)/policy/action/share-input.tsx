'use client';

import { TextInput } from '@mantine/core';
import { useId } from 'react';
import { useEditor, useFault } from '@/app/(dashboard)/policy/editor-context';
import classes from './action.module.css';

interface ShareInputProps {
  label: string;
  about: string;
  path: string;
  /** In the document's unit; `undefined`: the default holds. */
  value: number | undefined;
  usual: number;
  /** What 100 % is in the document: 1 for shares, 100 for the rollout. */
  whole: 1 | 100;
  onChange: (value: number | undefined, merge: string) => void;
}

/** A share of a hundred as a slider beside its number; an empty number is the default. */
export function ShareInput({ label, about, path, value, usual, whole, onChange }: ShareInputProps) {
  const id = useId();
  const { reason } = useEditor();
  const fault = useFault(path);
  const percent = rounded(((value ?? usual) * 100) / whole);
  const put = (text: string) => onChange(text === '' ? undefined : rounded((Number(text) * whole) / 100), path);
  return (
    <div className={classes.share}>
      <label htmlFor={id}>{label}</label>
      <div className={classes.inputs}>
        <input
          type="range"
          className={classes.slider}
          aria-label={`${label}, slider`}
          min={0}
          max={100}
          step={1}
          value={percent}
          disabled={reason !== null}
          onChange={(event) => put(event.currentTarget.value)}
        />
        <TextInput
          id={id}
          size="xs"
          type="number"
          min={0}
          max={100}
          step="any"
          className={classes.percent ?? ''}
          value={value === undefined ? '' : String(percent)}
          placeholder={String(rounded((usual * 100) / whole))}
          rightSection="%"
          aria-describedby={`${id}-about`}
          error={fault !== null}
          disabled={reason !== null}
          onChange={(event) => put(event.currentTarget.value)}
        />
      </div>
      <p id={`${id}-about`} className={fault ? classes.fault : classes.about}>
        {fault ?? about}
      </p>
    </div>
  );
}

/** Cuts what binary fractions add: 0.07 · 100 is 7. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
