'use client';

import { TextInput } from '@mantine/core';
import { useEditor, useFault } from '@/app/(dashboard)/policy/editor-context';
import classes from './action.module.css';

interface TextFieldProps {
  label: string;
  about: string;
  path: string;
  value: string | number | undefined;
  placeholder: string;
  isNumber?: boolean;
  onChange: (text: string, merge: string) => void;
}

/** One setting of an action; empty is the default, which stands in grey. */
export function TextField({ label, about, path, value, placeholder, isNumber, onChange }: TextFieldProps) {
  const { reason } = useEditor();
  return (
    <TextInput
      size="xs"
      classNames={{ root: classes.text ?? '', description: classes.about ?? '' }}
      label={label}
      description={about}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      type={isNumber ? 'number' : 'text'}
      placeholder={placeholder}
      value={value === undefined ? '' : String(value)}
      error={useFault(path)}
      disabled={reason !== null}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value, path)}
    />
  );
}
