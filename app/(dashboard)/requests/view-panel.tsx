'use client';

import { Button, Checkbox, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { type RefObject, useState } from 'react';
import { statusQuery } from '@/app/_data/status';
import { deleteView, saveView, viewsQuery } from '@/app/_data/views';
import { IconButton } from '@/app/_ui/icon-button';
import { InertText } from '@/app/_ui/inert-text';
import menu from '@/app/_ui/pick-menu.module.css';
import { PopPanel } from '@/app/_ui/pop-panel';
import { BUILT_IN_VIEWS } from '@/app/_ui/requests/built-in-views';
import { canWrite } from '@/app/_ui/roles';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import { toast } from '@/app/_ui/toast';
import { visibleText } from '@/app/_ui/visible-text';
import type { SavedView } from '@/lib/contract/saved-views';
import { useDefaultViewId } from './use-default-view';
import classes from './views.module.css';

interface ViewPanelProps {
  query: string;
  opener: RefObject<HTMLElement | null>;
  onClose: () => void;
}

export function ViewPanel({ query, opener, onClose }: ViewPanelProps) {
  const href = usePageHref();
  const client = useQueryClient();
  const { data } = useQuery(viewsQuery);
  const { data: status } = useQuery(statusQuery);
  const mayShare = status !== undefined && canWrite(status.operator.role);
  const [defaultId, setDefaultId] = useDefaultViewId();
  const remove = useMutation({
    mutationFn: (view: SavedView) => deleteView(view.id),
    onSuccess: (_, view) => {
      toast(`View “${visibleText(view.name)}” deleted`);
      void client.invalidateQueries({ queryKey: viewsQuery.queryKey });
    },
  });
  return (
    <PopPanel name="Views" opener={opener} onClose={onClose} className={menu.panel}>
      <ul className={classes.list} aria-label="Built-in views">
        {BUILT_IN_VIEWS.map(([name, filters]) => (
          <li key={name}>
            <Link href={href(`/requests?${filters}`)} onClick={onClose} data-autofocus={name === 'Errors' || undefined}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
      {data && data.views.length > 0 ? (
        <ul className={classes.list} aria-label="Saved views">
          {data.views.map((view) => (
            <li key={view.id}>
              <Link href={`/requests?${view.query}`} onClick={onClose}>
                <InertText>{view.name}</InertText>
              </Link>
              {view.shared ? (
                <span className="small soft">
                  shared by <InertText>{view.owner}</InertText>
                </span>
              ) : null}
              <IconButton
                icon="star"
                label={
                  view.id === defaultId
                    ? `Requests open with ${visibleText(view.name)}: not any more`
                    : `Open requests with ${visibleText(view.name)}`
                }
                aria-pressed={view.id === defaultId}
                onClick={() => setDefaultId(view.id === defaultId ? null : view.id)}
              />
              {view.own || mayShare ? (
                <IconButton
                  icon="trash"
                  label={`Delete view ${visibleText(view.name)}`}
                  onClick={() => remove.mutate(view)}
                />
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
      {remove.error ? (
        <p className={classes.fault} role="alert">
          {remove.error.message}
        </p>
      ) : null}
      <SaveForm query={query} mayShare={mayShare} />
    </PopPanel>
  );
}

function SaveForm({ query, mayShare }: { query: string; mayShare: boolean }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const save = useMutation({
    mutationFn: () => saveView({ name: name.trim(), query, shared: shared && mayShare }),
    onSuccess: (view) => {
      toast(`View “${visibleText(view.name)}” saved`);
      setName('');
      void client.invalidateQueries({ queryKey: viewsQuery.queryKey });
    },
  });
  return (
    <form
      className={classes.save}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) save.mutate();
      }}
    >
      <TextInput
        size="xs"
        label="Save what is shown as"
        description="Filters, order, columns and range, kept on the server."
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={save.error?.message}
      />
      {mayShare ? (
        <Checkbox
          size="xs"
          label="Shared with everyone"
          checked={shared}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
      ) : null}
      <Button type="submit" size="compact-sm" loading={save.isPending} disabled={!name.trim()}>
        Save view
      </Button>
    </form>
  );
}
