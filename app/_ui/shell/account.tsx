'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { signOut } from '@/app/_data/session';
import { statusQuery } from '@/app/_data/status';
import { Icon } from '@/app/_ui/icon';
import { InertText } from '@/app/_ui/inert-text';
import classes from './account.module.css';
import { ThemeControl } from './theme-control';

export function Account({ onShortcuts }: { onShortcuts: () => void }) {
  const { data: status } = useQuery(statusQuery);
  const leave = useMutation({ mutationFn: signOut });
  return (
    <div className={classes.account}>
      <div className={classes.row}>
        <ThemeControl name="theme-nav" />
        <button
          type="button"
          className={classes.button}
          onClick={onShortcuts}
          title="Keyboard shortcuts"
          aria-label="Keyboard shortcuts"
        >
          <Icon name="keyboard" />
        </button>
      </div>
      <div className={classes.row}>
        <p className={classes.who}>
          {status ? (
            <>
              <InertText>{status.operator.name}</InertText>
              <br />
              <span className="small soft">{status.operator.role}</span>
            </>
          ) : null}
        </p>
        <button
          type="button"
          className={classes.button}
          disabled={leave.isPending}
          onClick={() => leave.mutate()}
          title="Log out"
          aria-label="Log out"
        >
          <Icon name="leave" />
        </button>
      </div>
    </div>
  );
}
