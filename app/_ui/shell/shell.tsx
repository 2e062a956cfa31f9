'use client';

import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { usePageRange } from '@/app/_data/page-range';
import { LiveRegion } from '@/app/_ui/live-region';
import { RequestDrawerHost } from '@/app/_ui/requests/drawer-host';
import { RequestTrailProvider } from '@/app/_ui/requests/trail';
import { ToastHost } from '@/app/_ui/toast-host';
import { Account } from './account';
import { Banners, type KnownUpstream } from './banners';
import { PAGES } from './pages';
import { openPause } from './pause';
import { PauseHost } from './pause-host';
import classes from './shell.module.css';
import { type Shortcuts, useShortcuts } from './shortcuts';
import { SideNav } from './side-nav';
import { TopBar } from './top-bar';
import { usePageHref } from './use-page-href';

const Palette = dynamic(() => import('./palette').then((m) => m.Palette), { ssr: false });
const ShortcutSheet = dynamic(() => import('./shortcut-sheet').then((m) => m.ShortcutSheet), { ssr: false });

interface ShellProps {
  upstream: KnownUpstream | null;
  children: ReactNode;
}

export function Shell({ upstream, children }: ShellProps) {
  const [isRangeOpen, setRangeOpen] = useState(false);
  const [isSheetOpen, setSheetOpen] = useState<boolean | null>(null);
  const [isPaletteWanted, setPaletteWanted] = useState(false);
  const openPalette = () => {
    setPaletteWanted(true);
    if (isPaletteWanted) void import('@mantine/spotlight').then(({ spotlight }) => spotlight.open());
  };
  useGlobalShortcuts({
    openPalette,
    openRange: () => setRangeOpen(true),
    openSheet: () => setSheetOpen(true),
  });
  const href = usePageHref();

  return (
    <RequestTrailProvider>
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      <div className={classes.frame}>
        <header className={classes.side}>
          <Link href={href('/')} className={classes.brand}>
            Offpeak
          </Link>
          <SideNav />
          <Account onShortcuts={() => setSheetOpen(true)} />
        </header>
        <div className={classes.body}>
          <section className={classes.top} aria-label="Search and time range">
            <TopBar rangeOpened={isRangeOpen} onRangeChange={setRangeOpen} onPalette={openPalette} />
          </section>
          <section aria-label="Notices">
            <Banners upstream={upstream} />
          </section>
          <main id="main" tabIndex={-1} className={classes.main}>
            {children}
          </main>
        </div>
      </div>
      <RequestDrawerHost />
      {isPaletteWanted ? <Palette onShortcuts={() => setSheetOpen(true)} /> : null}
      {isSheetOpen === null ? null : <ShortcutSheet opened={isSheetOpen} onClose={() => setSheetOpen(false)} />}
      <PauseHost />
      <ToastHost />
      <LiveRegion />
    </RequestTrailProvider>
  );
}

interface Openers {
  openPalette: () => void;
  openRange: () => void;
  openSheet: () => void;
}

function useGlobalShortcuts({ openPalette, openRange, openSheet }: Openers): void {
  const router = useRouter();
  const href = usePageHref();
  const { tz, browserZone, setZone, compare, setCompare, resetZoom } = usePageRange();
  const shortcuts: Shortcuts = {
    ...Object.fromEntries(PAGES.map(({ key, path }) => [`g ${key}`, () => router.push(href(path))])),
    'mod+k': openPalette,
    t: openRange,
    c: () => setCompare(!compare),
    ...(resetZoom ? { z: resetZoom } : {}),
    u: () => setZone(tz === 'UTC' && browserZone !== 'UTC' ? null : 'UTC'),
    '/': () => {
      const field = document.querySelector<HTMLInputElement>('[data-page-search]');
      if (field) field.focus();
      else router.push(`${href('/requests')}#search`);
    },
    '?': openSheet,
    '!': openPause,
  };
  useShortcuts(shortcuts);
}
