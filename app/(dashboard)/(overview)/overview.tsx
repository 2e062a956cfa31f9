'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useEffect, useRef, useState } from 'react';
import { statusQuery } from '@/app/_data/status';
import { announce } from '@/app/_ui/live-region';
import { SecretOnce } from '@/app/_ui/secret-once';
import { Dashboard } from './dashboard';

const Onboarding = dynamic(() => import('./onboarding').then((m) => m.Onboarding), { ssr: false });

/** The dashboard, or, before the first call ever, how to make that call. The one turns into the other by itself. */
export function Overview() {
  const { data: status } = useQuery(statusQuery);
  const [secret, setSecret] = useState<string | null>(null);
  // A database that is away or slow cannot tell: what was seen once stays seen.
  const [hasCalls, setHasCalls] = useState(false);
  if (status && status.firstRequestAt !== null && !hasCalls) setHasCalls(true);
  const isEmpty = !hasCalls && status?.firstRequestAt === null && status.database === 'up';
  const wasEmpty = useRef(false);
  useEffect(() => {
    if (wasEmpty.current && !isEmpty) announce('The first call has arrived. This page now shows the dashboard.');
    wasEmpty.current = isEmpty;
  }, [isEmpty]);

  if (status && isEmpty) return <Onboarding status={status} secret={secret} onSecret={setSecret} />;
  return (
    <>
      {secret === null ? null : (
        <SecretOnce label="The key of your first call" secret={secret} onDone={() => setSecret(null)} />
      )}
      <Dashboard />
    </>
  );
}
