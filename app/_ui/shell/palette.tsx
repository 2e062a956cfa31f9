'use client';

import '@mantine/spotlight/styles.css';
import { useMantineColorScheme } from '@mantine/core';
import { Spotlight, type SpotlightActionGroupData, spotlight } from '@mantine/spotlight';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { REFRESH_CHOICES, usePageRange } from '@/app/_data/page-range';
import { exportHref, NO_FILTERS } from '@/app/_data/requests';
import { signOut } from '@/app/_data/session';
import { statusQuery } from '@/app/_data/status';
import { viewsQuery } from '@/app/_data/views';
import { downloadFrom } from '@/app/_ui/download';
import { Icon } from '@/app/_ui/icon';
import { BUILT_IN_VIEWS } from '@/app/_ui/requests/built-in-views';
import { useOpenParam } from '@/app/_ui/use-open-param';
import { visibleText } from '@/app/_ui/visible-text';
import { copyAbsoluteLink } from './copy-absolute-link';
import { PAGES } from './pages';
import { openPause } from './pause';
import { PRESETS } from './range-presets';
import { REFRESH_TEXT } from './refresh-control';
import { usePageHref } from './use-page-href';

const BATCH_ID = /^msgbatch_[A-Za-z0-9_-]+$/;
const REQUEST_ID = /^(opr_)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Every page and main action by name. Mounted, and so loaded, when it is first asked for; it opens itself then. */
export function Palette({ onShortcuts }: { onShortcuts: () => void }) {
  const router = useRouter();
  const client = useQueryClient();
  const href = usePageHref();
  const range = usePageRange();
  const { setColorScheme } = useMantineColorScheme();
  const [query, setQuery] = useState('');
  const [, setViewsOpen] = useOpenParam('views');
  const { data: views } = useQuery(viewsQuery);
  const isPaused = (useQuery(statusQuery).data?.policy.pause ?? null) !== null;
  useEffect(() => spotlight.open(), []);

  const go = (path: string) => () => router.push(href(path));
  const groups: SpotlightActionGroupData[] = [
    {
      group: 'Pages',
      actions: PAGES.map(({ path, name, icon }) => ({
        id: path,
        label: name,
        leftSection: <Icon name={icon} />,
        onClick: go(path),
      })),
    },
    {
      group: 'Actions',
      actions: [
        {
          id: 'pause',
          label: isPaused ? 'Put the policy in force again' : 'Everything to sync (pause the policy)',
          onClick: openPause,
        },
        { id: 'try-call', label: 'Try a call against the policy', onClick: go('/policy?tab=try') },
        { id: 'versions', label: 'Policy versions', onClick: go('/policy?tab=versions') },
        { id: 'new-key', label: 'Create a key', onClick: go('/keys?new=true') },
        { id: 'new-price', label: 'Add a price', onClick: go('/prices?new=true') },
        { id: 'bill', label: 'Import a bill to compare with', onClick: go('/prices?bill=true') },
        { id: 'new-operator', label: 'Add an operator', onClick: go('/settings?new=true') },
        { id: 'probes', label: 'Change probes', onClick: go('/settings?probes=true') },
        { id: 'policy-json', label: 'Policy as JSON', onClick: go('/policy?tab=json') },
        { id: 'absolute-link', label: 'Copy link with absolute times', onClick: () => copyAbsoluteLink(range) },
        {
          id: 'save-view',
          label: 'Save these requests as a view',
          onClick: () => (window.location.pathname === '/requests' ? setViewsOpen(true) : go('/requests?views=true')()),
        },
        {
          id: 'requests-csv',
          label: 'Download the requests as CSV',
          onClick: () => downloadFrom(exportHref(range, { ...NO_FILTERS, ...range.filters })),
        },
        ...(range.resetZoom ? [{ id: 'unzoom', label: 'Reset the zoom', onClick: range.resetZoom }] : []),
        {
          id: 'compare',
          label: range.compare ? 'Leave the period before out of charts' : 'Compare with the period before',
          onClick: () => range.setCompare(!range.compare),
        },
        { id: 'refresh', label: 'Refresh now', onClick: () => void client.invalidateQueries() },
        { id: 'shortcuts', label: 'Keyboard shortcuts', onClick: onShortcuts },
        { id: 'light', label: 'Light theme', onClick: () => setColorScheme('light') },
        { id: 'dark', label: 'Dark theme', onClick: () => setColorScheme('dark') },
        { id: 'system', label: 'System theme', onClick: () => setColorScheme('auto') },
        { id: 'utc', label: 'Show times in UTC', onClick: () => range.setZone('UTC') },
        { id: 'local', label: `Show times in ${range.browserZone}`, onClick: () => range.setZone(null) },
        { id: 'leave', label: 'Log out', onClick: () => void signOut() },
      ],
    },
    {
      group: 'Views of requests',
      actions: [
        ...BUILT_IN_VIEWS.map(([name, filters]) => ({
          id: `built-in ${name}`,
          label: name,
          onClick: go(`/requests?${filters}`),
        })),
        ...(views?.views ?? []).map(({ id, name, query: saved }) => ({
          id,
          label: visibleText(name),
          onClick: () => router.push(`/requests?${saved}`),
        })),
      ],
    },
    {
      group: 'Refresh',
      actions: REFRESH_CHOICES.map((seconds) => ({
        id: `refresh ${seconds}`,
        label: seconds === 0 ? 'Refresh off' : `Refresh every ${REFRESH_TEXT[seconds]}`,
        onClick: () => range.setRefresh(seconds),
      })),
    },
    {
      group: 'Time range',
      actions: PRESETS.map(({ from, to, label }) => ({ id: label, label, onClick: () => range.setRange(from, to) })),
    },
  ];
  const wanted = query.trim();
  if (wanted) groups.push({ group: 'Requests', actions: [findRequest(wanted, go)] });

  return (
    <Spotlight
      actions={groups}
      shortcut={null}
      query={query}
      onQueryChange={setQuery}
      filter={(text, actions) => matching(text, actions as SpotlightActionGroupData[])}
      searchProps={{
        placeholder: 'A page, an action, a request id…',
        'aria-label': 'Search pages and actions',
        leftSection: <Icon name="search" />,
      }}
      scrollable
      attributes={{ content: { 'aria-label': 'Palette' } }}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      maxHeight={400}
    />
  );
}

function findRequest(text: string, go: (path: string) => () => void) {
  if (REQUEST_ID.test(text)) {
    const id = text.startsWith('opr_') ? text : `opr_${text}`;
    return { id: 'open-request', label: `Open request ${id}`, onClick: go(`/requests/${id}`) };
  }
  if (BATCH_ID.test(text)) return { id: 'open-batch', label: `Open batch ${text}`, onClick: go(`/batches/${text}`) };
  return {
    id: 'find-requests',
    label: `Find requests with “${text}”`,
    onClick: go(`/requests?q=${encodeURIComponent(text)}`),
  };
}

/** Every typed word occurs in the label; the look-up of a request always matches what it was made from. */
function matching(text: string, groups: SpotlightActionGroupData[]): SpotlightActionGroupData[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return groups
    .map(({ group, actions }) => ({
      group,
      actions: actions.filter(
        ({ label }) => group === 'Requests' || words.every((word) => label?.toLowerCase().includes(word)),
      ),
    }))
    .filter(({ actions }) => actions.length > 0);
}
