import type { ReactNode } from 'react';
import type { KnownUpstream } from '@/app/_ui/shell/banners';
import { Shell } from '@/app/_ui/shell/shell';
import { currentDeps } from '@/lib/deps';

export default function DashboardLayout({ children }: { children: ReactNode }) {
  return <Shell upstream={knownUpstream()}>{children}</Shell>;
}

/** The banner about the upstream is part of the first paint, so that it moves nothing when the status comes. */
function knownUpstream(): KnownUpstream | null {
  try {
    const { upstream, config } = currentDeps();
    return { simulated: upstream.simulated, timeScale: upstream.simulated ? config.simTimeScale : 1 };
  } catch {
    return null;
  }
}
