'use client';

import { Kbd, Modal } from '@mantine/core';
import { PAGES } from './pages';
import classes from './shortcut-sheet.module.css';

const OTHERS: readonly [string, string][] = [
  ['⌘K', 'Palette: pages and actions'],
  ['t', 'Time range'],
  ['c', 'Period before in charts on and off'],
  ['z', 'Back out of a zoom'],
  ['u', 'UTC on and off'],
  ['!', 'Everything to sync, or the policy in force again; Enter confirms'],
  ['/', 'Search requests'],
  ['j', 'Next request, while one is open'],
  ['k', 'Previous request, while one is open'],
  ['← →', 'Move along a focused chart'],
  ['Esc', 'Close'],
  ['?', 'This sheet'],
];

export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" closeButtonProps={{ 'aria-label': 'Close' }}>
      <dl className={classes.list}>
        {PAGES.map((page) => (
          <div key={page.path}>
            <dt>
              <Kbd>g</Kbd> <Kbd>{page.key}</Kbd>
            </dt>
            <dd>{page.name}</dd>
          </div>
        ))}
        {OTHERS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <Kbd>{keys}</Kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p className="small soft">Off while you type. On Windows and Linux ⌘ is Ctrl.</p>
    </Modal>
  );
}
