'use client';

import Link from 'next/link';
import { useSelectedLayoutSegments } from 'next/navigation';
import { Icon } from '@/app/_ui/icon';
import { isPageActive, PAGES } from './pages';
import classes from './side-nav.module.css';
import { usePageHref } from './use-page-href';

export function SideNav() {
  // The page that is rendered: an open drawer changes the address, not the page.
  const pathname = `/${useSelectedLayoutSegments()
    .filter((segment) => !segment.startsWith('('))
    .join('/')}`;
  const href = usePageHref();
  return (
    <nav className={classes.nav} aria-label="Pages">
      <ul className={classes.list}>
        {PAGES.map((page) => (
          <li key={page.path}>
            <Link
              href={href(page.path)}
              className={classes.link}
              aria-current={isPageActive(page, pathname) ? 'page' : undefined}
            >
              <Icon name={page.icon} />
              {page.name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
