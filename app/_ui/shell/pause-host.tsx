'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useEffect, useState } from 'react';
import { statusQuery } from '@/app/_data/status';
import { onPauseAsked } from './pause';

const PauseDialog = dynamic(() => import('./pause-dialog').then((m) => m.PauseDialog), { ssr: false });

export function PauseHost() {
  const [isOpen, setOpen] = useState(false);
  const { data: status } = useQuery(statusQuery);
  useEffect(() => onPauseAsked(() => setOpen(true)), []);
  if (!isOpen || !status) return null;
  return <PauseDialog status={status} onClose={() => setOpen(false)} />;
}
