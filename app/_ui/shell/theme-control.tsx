'use client';

import { useMantineColorScheme } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { Icon, type IconName } from '@/app/_ui/icon';
import classes from './theme-control.module.css';

const CHOICES: readonly { value: 'light' | 'dark' | 'auto'; label: string; icon: IconName }[] = [
  { value: 'light', label: 'Light', icon: 'sun' },
  { value: 'dark', label: 'Dark', icon: 'moon' },
  { value: 'auto', label: 'System', icon: 'system' },
];

const neverChanges = () => () => {};

export function ThemeControl({ name }: { name: string }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  // The server does not know the choice: mark one only in the browser.
  const isBrowser = useSyncExternalStore(
    neverChanges,
    () => true,
    () => false,
  );
  return (
    <fieldset className={classes.group}>
      <legend className="visually-hidden">Theme</legend>
      {CHOICES.map(({ value, label, icon }) => (
        <label key={value} className={classes.choice} title={`${label} theme`}>
          <input
            type="radio"
            name={name}
            value={value}
            className={classes.radio}
            checked={isBrowser && colorScheme === value}
            onChange={() => setColorScheme(value)}
          />
          <Icon name={icon} />
          <span className="visually-hidden">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
