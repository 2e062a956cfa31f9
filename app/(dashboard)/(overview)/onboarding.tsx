'use client';

import { Button, Tabs } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createKey, keysQuery } from '@/app/_data/keys';
import { CopyButton } from '@/app/_ui/copy-button';
import { announce } from '@/app/_ui/live-region';
import { canWrite, VIEWER_REASON } from '@/app/_ui/roles';
import { SecretOnce } from '@/app/_ui/secret-once';
import type { Status } from '@/lib/contract/status';
import classes from './onboarding.module.css';
import { PLACEHOLDER, snippets } from './snippets';

interface OnboardingProps {
  status: Status;
  secret: string | null;
  onSecret: (secret: string) => void;
}

/** Before the first call: a key, a snippet that works, and a page that listens. */
export function Onboarding({ status, secret, onSecret }: OnboardingProps) {
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => createKey({ name: `first-calls-${new Date().toISOString().slice(0, 10)}` }),
    onSuccess: (key) => {
      onSecret(key.secret);
      announce('Key created. The snippets below hold it.');
      void client.invalidateQueries({ queryKey: keysQuery.queryKey });
    },
  });
  const isAllowed = canWrite(status.operator.role);

  return (
    <div className={classes.page}>
      <h1>Make the first call</h1>
      <p className="soft">
        Point an agent at <code>{status.origin}</code> instead of the Anthropic API. Its calls go on as before; here you
        see what each one cost, how long it took and why it went where it went.
      </p>
      <ol className={classes.steps}>
        <li>
          <h2>Get a key</h2>
          {secret === null ? (
            <>
              <Button size="sm" loading={create.isPending} disabled={!isAllowed} onClick={() => create.mutate()}>
                Create a key
              </Button>
              <p className="small soft">
                {isAllowed ? 'Or put one that you already have into the snippets.' : VIEWER_REASON}
              </p>
              {create.error ? (
                <p className={classes.error} role="alert">
                  {create.error.message}
                </p>
              ) : null}
            </>
          ) : (
            <SecretOnce label="Your key" secret={secret} />
          )}
        </li>
        <li>
          <h2>Make a call</h2>
          <Tabs defaultValue="claude-code" className={classes.tabs} keepMounted={false}>
            <Tabs.List aria-label="Ways to call">
              {snippets(status.origin, PLACEHOLDER).map(({ id, name }) => (
                <Tabs.Tab key={id} value={id}>
                  {name}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {snippets(status.origin, secret ?? PLACEHOLDER).map(({ id, name, text }) => (
              <Tabs.Panel key={id} value={id} className={classes.panel}>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
                <pre className={classes.code} tabIndex={0}>
                  {text}
                </pre>
                <span className={classes.copy}>
                  <CopyButton text={text} what={`${name} snippet`} />
                </span>
              </Tabs.Panel>
            ))}
          </Tabs>
        </li>
        <li>
          <h2>Watch it arrive</h2>
          <p className={classes.listening}>
            <span className={classes.pulse} aria-hidden="true" />
            Listening. This page turns into the dashboard with the first call.
          </p>
        </li>
      </ol>
    </div>
  );
}
