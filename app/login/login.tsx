'use client';

import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiFailure } from '@/app/_data/fetch-json';
import { pathAfterLogin, signIn } from '@/app/_data/session';
import classes from './login.module.css';
import { redeemHash } from './redeem';

/** A login link redeems itself; without one a token opens the door. */
export function Login() {
  const [isRedeeming, setRedeeming] = useState(false);
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [token, setToken] = useState('');

  useEffect(() => {
    const redeem = () => {
      const redeemed = redeemHash();
      if (!redeemed) return;
      setFault(null);
      setRedeeming(true);
      redeemed.then(enter, (error: unknown) => {
        setRedeeming(false);
        setFault(faultText(error, 'link'));
      });
    };
    redeem();
    // A second link pasted into the same tab changes only the hash.
    window.addEventListener('hashchange', redeem);
    return () => window.removeEventListener('hashchange', redeem);
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    setFault(null);
    signIn({ token: token.trim() }).then(enter, (error: unknown) => {
      setSending(false);
      setFault(faultText(error, 'token'));
    });
  };

  return (
    <main className={classes.page}>
      <div className={classes.box}>
        <h1>Offpeak</h1>
        {isRedeeming ? (
          <p role="status">Logging in with the link…</p>
        ) : (
          <>
            {fault === null ? null : (
              <p className={classes.fault} role="alert">
                {fault}
              </p>
            )}
            <form onSubmit={submit} className={classes.form}>
              <PasswordInput
                label="Operator token"
                description="The admin token, or one that an admin created for you under Settings"
                value={token}
                onChange={(event) => setToken(event.currentTarget.value)}
                autoComplete="current-password"
                minLength={8}
                maxLength={256}
                required
                withAsterisk={false}
                visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the token' }}
              />
              <Button type="submit" loading={isSending}>
                Log in
              </Button>
            </form>
            <p className="small soft">
              No token at hand? <code>npm run login</code>, where Offpeak runs, prints a link that logs you in once.
            </p>
          </>
        )}
      </div>
    </main>
  );
}

function enter(): void {
  const next = new URLSearchParams(window.location.search).get('next');
  window.location.replace(pathAfterLogin(next, window.location.origin));
}

function faultText(error: unknown, what: 'link' | 'token'): string {
  if (!(error instanceof ApiFailure)) return 'Something went wrong in this page. Reload it and try again.';
  if (error.status === 429) {
    const wait = error.retryAfter === null ? 'a while' : waitText(error.retryAfter);
    return `Too many attempts. Wait ${wait}, then try again.`;
  }
  if (error.status === 401 || error.status === 422) {
    return what === 'link'
      ? 'This login link was used already or has expired: each works once, for 10 minutes. Get a new one with “npm run login”.'
      : 'No operator has this token.';
  }
  return error.message;
}

function waitText(seconds: number): string {
  return seconds < 90 ? `${Math.max(1, Math.ceil(seconds))} s` : `${Math.ceil(seconds / 60)} min`;
}
