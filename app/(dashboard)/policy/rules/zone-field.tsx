'use client';

import { Autocomplete } from '@mantine/core';
import { useEditor, useFault } from '@/app/(dashboard)/policy/editor-context';
import type { PolicyDocument } from '@/lib/core/policy/document';
import classes from './rules.module.css';

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

interface ZoneFieldProps {
  policy: PolicyDocument;
  onChange: (policy: PolicyDocument, merge: string) => void;
}

/** What `hour`, `weekday` and the day of `spend.today` are counted in. */
export function ZoneField({ policy, onChange }: ZoneFieldProps) {
  const { reason } = useEditor();
  const { timeZone: zone, ...rest } = policy;
  return (
    <Autocomplete
      size="xs"
      className={classes.zone ?? ''}
      label="Time zone of hour, weekday and spend.today"
      placeholder="UTC"
      data={ZONES}
      limit={30}
      value={zone ?? ''}
      error={useFault('timeZone')}
      disabled={reason !== null}
      onChange={(text) => onChange(text === '' ? rest : { timeZone: text, ...rest }, 'timeZone')}
    />
  );
}
