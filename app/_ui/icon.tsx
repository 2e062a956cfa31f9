const PATHS = {
  overview: 'M2 2h5v7H2zM9 2h5v4H9zM9 8h5v6H9zM2 11h5v3H2z',
  cost: 'M2 14h12M4 14V9M8 14V3M12 14V6',
  latency: 'M2 14V2M2 14h12M2 13c4 0 3-9 11-10',
  requests: 'M2 4h12M2 8h12M2 12h8',
  batches: 'M2 5l6-3 6 3-6 3zM2 8l6 3 6-3M2 11l6 3 6-3',
  policy: 'M2 8h3l4-4.5h5M5 8l4 4.5h5M12 1.5l2 2-2 2M12 10.5l2 2-2 2',
  keys: 'M10.5 9.5a4 4 0 1 0-4-4L2 10v4h4v-2h2v-2l1-1M11 5h.01',
  prices: 'M2 2h6l6 6-6 6-6-6zM5 5h.01',
  settings: 'M2 4h7M13 4h1M2 12h1M7 12h7M11 2v4M5 10v4',
  refresh: 'M13.5 8a5.5 5.5 0 1 1-1.6-3.9L13.5 5.5M13.5 2v3.5H10',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  search: 'M7 2a5 5 0 1 0 0 10A5 5 0 0 0 7 2M11 11l3.5 3.5',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  copy: 'M5 5h8v9H5zM3 11V2h8',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  table: 'M2 3h12v10H2zM2 6.5h12M2 10h12M6.5 3v10',
  chart: 'M2 2v12h12M5 10l3-4 2.5 2.5L14 4',
  download: 'M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11',
  chevron: 'M4 6l4 4 4-4',
  previous: 'M10 3.5L5.5 8l4.5 4.5',
  next: 'M6 3.5L10.5 8 6 12.5',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 5v3.5l2 1.5',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  warning: 'M8 2l6.5 11.5h-13zM8 6.5v3M8 11.5h.01',
  grip: 'M6 3.5h.01M10 3.5h.01M6 8h.01M10 8h.01M6 12.5h.01M10 12.5h.01',
  up: 'M8 13V3M4 7l4-4 4 4',
  down: 'M8 3v10M4 9l4 4 4-4',
  trash: 'M2.5 4h11M6 4V2.5h4V4M4 4l.7 9.5h6.6L12 4M6.5 6.5v4.5M9.5 6.5v4.5',
  star: 'M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5z',
  undo: 'M5.5 2.5L2.5 5.5l3 3M2.5 5.5H9a4 4 0 0 1 0 8H6',
  redo: 'M10.5 2.5l3 3-3 3M13.5 5.5H7a4 4 0 0 0 0 8h3',
  pause: 'M5 3v10M11 3v10',
  leave: 'M6 2H2v12h4M10 4.5L13.5 8 10 11.5M13 8H6',
  keyboard: 'M1.5 4h13v8h-13zM4 7h.01M7 7h.01M10 7h.01M12 7h.01M5 10h6',
} as const;

export type IconName = keyof typeof PATHS;

/** A decoration: the text or label beside it carries the meaning. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
