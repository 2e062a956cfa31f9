'use client';

import { Icon } from '@/app/_ui/icon';
import { RangeControl } from './range-control';
import { RefreshControl } from './refresh-control';
import classes from './top-bar.module.css';

interface TopBarProps {
  rangeOpened: boolean;
  onRangeChange: (opened: boolean) => void;
  onPalette: () => void;
}

export function TopBar({ rangeOpened, onRangeChange, onPalette }: TopBarProps) {
  return (
    <div className={classes.bar}>
      <button
        type="button"
        className={classes.search}
        onClick={onPalette}
        aria-label="Go to, find, do"
        aria-keyshortcuts="Control+K Meta+K"
      >
        <Icon name="search" />
        <span className={classes.searchText}>Go to, find, do</span>
        <kbd className={classes.kbd}>⌘K</kbd>
      </button>
      <RangeControl opened={rangeOpened} onChange={onRangeChange} />
      <RefreshControl />
    </div>
  );
}
