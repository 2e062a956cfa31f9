'use client';

import { Autocomplete, NativeSelect, TagsInput, TextInput } from '@mantine/core';
import { isWithin, sentence, useEditor, useFault } from '@/app/(dashboard)/policy/editor-context';
import { optionsOf } from '@/app/(dashboard)/policy/field-menu';
import type { Comparison } from '@/lib/core/policy/condition';
import { fieldOf } from '@/lib/core/policy/fields';
import classes from './condition.module.css';
import { OptionToggles } from './option-toggles';

interface ValueInputProps {
  comparison: Comparison;
  path: string;
  name: string;
  onChange: (comparison: Comparison, merge?: string) => void;
}

/** The right input for the field: a list to choose from, a number, a duration, or text with what is known offered. */
export function ValueInput({ comparison, path, name, onChange }: ValueInputProps) {
  const { reason } = useEditor();
  const { field, op, value } = comparison;
  const at = `${path}.value`;
  const fault = useFault(at);
  const known = useKnown(field);
  const put = (next: Comparison['value']) => onChange({ ...comparison, value: next }, at);
  const label = `${name}: value`;
  const isOff = reason !== null;
  const options = op === 'glob' ? null : optionsOf(field);
  if (op === 'in') {
    const values = Array.isArray(value) ? value : [value];
    if (options) {
      return <OptionToggles label={label} options={options} values={values} disabled={isOff} onChange={put} />;
    }
    return <Chips label={label} field={field} at={at} values={values} known={known} disabled={isOff} onChange={put} />;
  }
  const text = Array.isArray(value) ? '' : String(value);
  if (options) {
    const isKnown = options.some((option) => option.value === value);
    return (
      <NativeSelect
        size="xs"
        className={classes.value ?? ''}
        aria-label={label}
        data={[...(isKnown ? [] : [{ value: text, label: text }]), ...options].map((option) => ({
          value: String(option.value),
          label: option.label,
        }))}
        value={text}
        error={fault}
        disabled={isOff}
        onChange={({ currentTarget }) =>
          put(options.find((option) => String(option.value) === currentTarget.value)?.value ?? text)
        }
      />
    );
  }
  const input = {
    size: 'xs',
    className: classes.value ?? '',
    'aria-label': label,
    placeholder: placeholderOf(field, op),
    value: text,
    error: fault,
    disabled: isOff,
  } as const;
  if (known.length > 0) return <Autocomplete {...input} data={[...known]} onChange={put} limit={30} />;
  const isNumber = typeOf(field) === 'number';
  return (
    <TextInput
      {...input}
      inputMode={isNumber ? 'decimal' : 'text'}
      autoComplete="off"
      onChange={(event) => put(isNumber ? numberOr(event.currentTarget.value) : event.currentTarget.value)}
    />
  );
}

interface ChipsProps {
  label: string;
  field: string;
  at: string;
  values: readonly (string | number | boolean)[];
  known: readonly string[];
  disabled: boolean;
  onChange: (values: (string | number)[]) => void;
}

function Chips({ label, field, at, values, known, disabled, onChange }: ChipsProps) {
  const { faults } = useEditor();
  const wrong = [...faults].find(([path]) => isWithin(path, at));
  const isNumber = typeOf(field) === 'number';
  return (
    <TagsInput
      size="xs"
      className={classes.chips ?? ''}
      aria-label={label}
      placeholder={values.length === 0 ? `${placeholderOf(field, 'in')}, then Enter` : ''}
      data={[...known]}
      value={values.map(String)}
      error={wrong ? sentence(wrong[1]) : null}
      disabled={disabled}
      acceptValueOnBlur
      onChange={(texts) => onChange(isNumber ? texts.map(numberOr) : texts)}
    />
  );
}

/** Models and keys that exist here; a rule may name others. */
function useKnown(field: string): readonly string[] {
  const { models, keys } = useEditor();
  return field === 'model' ? models : field === 'key' ? keys : [];
}

function typeOf(name: string): 'number' | 'duration' | 'text' {
  const field = fieldOf(name);
  if (typeof field === 'string') return 'text';
  if (field.type === 'integer' || field.type === 'usd') return 'number';
  return field.type === 'duration' || field.type === 'tolerance' ? 'duration' : 'text';
}

function placeholderOf(name: string, op: string): string {
  if (name === 'model') return op === 'glob' ? 'claude-opus-*' : 'claude-…';
  const type = typeOf(name);
  if (type === 'duration') return '10m';
  if (type === 'number') return '1000';
  return op === 'glob' ? 'nightly-*' : 'value';
}

/** What is no number stays text, so that the check can say what is wrong with it. */
function numberOr(text: string): number | string {
  const trimmed = text.trim();
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text;
}
