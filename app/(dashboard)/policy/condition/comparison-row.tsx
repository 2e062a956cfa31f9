'use client';

import { NativeSelect, TextInput } from '@mantine/core';
import { IconButton } from '@/app/_ui/icon-button';
import { useEditor, useFault } from '@/app/(dashboard)/policy/editor-context';
import { FIELD_GROUPS, opChoices } from '@/app/(dashboard)/policy/field-menu';
import { ThresholdStrip } from '@/app/(dashboard)/policy/measured/threshold-strip';
import type { Comparison } from '@/lib/core/policy/condition';
import type { Op } from '@/lib/core/policy/fields';
import { withField, withOp } from '@/lib/core/policy-draft/comparison-edit';
import classes from './condition.module.css';
import { ValueInput } from './value-input';

interface ComparisonRowProps {
  comparison: Comparison;
  path: string;
  name: string;
  onChange: (comparison: Comparison, merge?: string) => void;
  onRemove: () => void;
}

/** Field, operator and value in a line; what is wrong with each below it. */
export function ComparisonRow({ comparison, path, name, onChange, onRemove }: ComparisonRowProps) {
  const { reason } = useEditor();
  const isOff = reason !== null;
  const { field, op, value } = comparison;
  const named = /^(tag|header)\./.exec(field)?.[0];
  const fieldFault = useFault(`${path}.field`);
  const opFault = useFault(`${path}.op`);
  const shownOp = op === 'exists' ? (value === true ? 'present' : 'missing') : op;
  return (
    <div className={classes.comparison}>
      <div className={classes.row}>
        <NativeSelect
          size="xs"
          className={classes.field ?? ''}
          aria-label={`${name}: field`}
          data={FIELD_GROUPS}
          value={named ?? field}
          error={named ? undefined : fieldFault}
          disabled={isOff}
          onChange={(event) => onChange(withField(comparison, startOf(event.currentTarget.value)))}
        />
        {named ? (
          <TextInput
            size="xs"
            className={classes.tag ?? ''}
            aria-label={`${name}: name of the ${named === 'tag.' ? 'tag' : 'header'}`}
            placeholder={named === 'tag.' ? 'job' : 'x-my-header'}
            value={field.slice(named.length)}
            error={fieldFault}
            disabled={isOff}
            onChange={(event) =>
              onChange({ ...comparison, field: `${named}${event.currentTarget.value}` }, `${path}.field`)
            }
          />
        ) : null}
        <NativeSelect
          size="xs"
          className={classes.op ?? ''}
          aria-label={`${name}: operator`}
          data={opChoices(field)}
          value={shownOp}
          error={opFault}
          disabled={isOff}
          onChange={(event) => onChange(opTo(comparison, event.currentTarget.value))}
        />
        {op === 'exists' ? null : <ValueInput comparison={comparison} path={path} name={name} onChange={onChange} />}
        {isOff ? null : <IconButton icon="trash" label={`Remove ${name}`} onClick={onRemove} />}
      </div>
      {typeof value === 'string' && /^(tolerance|batch\.p\d+)$/.test(field) ? (
        <ThresholdStrip duration={value} />
      ) : null}
    </div>
  );
}

const startOf = (choice: string) => (choice === 'tag.' ? 'tag.job' : choice === 'header.' ? 'header.x-app' : choice);

function opTo(comparison: Comparison, choice: string): Comparison {
  if (choice === 'present') return { ...comparison, op: 'exists', value: true };
  if (choice === 'missing') return { ...comparison, op: 'exists', value: false };
  return withOp(comparison, choice as Op);
}
