import type { IconName } from '@/app/_ui/icon';

export interface PageEntry {
  path: string;
  name: string;
  icon: IconName;
  /** Second key of its go-to shortcut: `g` and then this. */
  key: string;
}

/** Every page of the dashboard, in the order of the navigation, the palette and the shortcut sheet. */
export const PAGES: readonly PageEntry[] = [
  { path: '/', name: 'Overview', icon: 'overview', key: 'o' },
  { path: '/cost', name: 'Cost', icon: 'cost', key: 'c' },
  { path: '/latency', name: 'Latency', icon: 'latency', key: 'l' },
  { path: '/requests', name: 'Requests', icon: 'requests', key: 'r' },
  { path: '/batches', name: 'Batches', icon: 'batches', key: 'b' },
  { path: '/policy', name: 'Policy', icon: 'policy', key: 'p' },
  { path: '/keys', name: 'Keys', icon: 'keys', key: 'k' },
  { path: '/prices', name: 'Prices', icon: 'prices', key: 'm' },
  { path: '/settings', name: 'Settings', icon: 'settings', key: 's' },
  { path: '/audit', name: 'Audit', icon: 'clock', key: 'a' },
];

export function isPageActive(page: PageEntry, pathname: string): boolean {
  return page.path === '/' ? pathname === '/' : pathname === page.path || pathname.startsWith(`${page.path}/`);
}
