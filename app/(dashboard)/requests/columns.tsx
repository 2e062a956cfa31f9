import type { ReactNode } from 'react';
import { Ago } from '@/app/_ui/ago';
import { countText, durationText } from '@/app/_ui/amounts';
import { Countdown } from '@/app/_ui/countdown';
import { InertText } from '@/app/_ui/inert-text';
import { LaneMark, StateMark } from '@/app/_ui/marks';
import { costText, isOpen } from '@/app/_ui/requests/cost-text';
import { onRequestLink } from '@/app/_ui/requests/open-request';
import { TagList } from '@/app/_ui/tag-list';
import type { RequestRow } from '@/lib/contract/requests';
import type { RequestOrder } from '@/lib/core/request-states';

export interface Column {
  id: string;
  name: string;
  /** In px; the table keeps its columns while rows come and go. */
  width: number;
  isNumeric?: true;
  /** Shown until the reader says otherwise. */
  isDefault?: true;
  /** The list can begin with its highest. */
  order?: Exclude<RequestOrder, 'newest'>;
  cell: (row: RequestRow, zone: string) => ReactNode;
}

const inert = (value: string | null) => (value === null ? '–' : <InertText>{value}</InertText>);

export const COLUMNS: readonly Column[] = [
  {
    id: 'arrived',
    name: 'Arrived',
    width: 104,
    isDefault: true,
    cell: (row, zone) => (
      <a href={`/requests/${row.id}`} data-request={row.id} onClick={onRequestLink(row.id)}>
        <Ago at={row.arrivedAt} zone={zone} />
        <span className="visually-hidden">, open request {row.id}</span>
      </a>
    ),
  },
  {
    id: 'model',
    name: 'Model',
    width: 200,
    isDefault: true,
    cell: (row) => inert(row.model),
  },
  {
    id: 'state',
    name: 'State',
    width: 112,
    isDefault: true,
    cell: (row) => <StateMark state={row.state} />,
  },
  {
    id: 'lane',
    name: 'Lane',
    width: 80,
    isDefault: true,
    cell: (row) => <LaneMark lane={row.lane} />,
  },
  {
    id: 'key',
    name: 'Key',
    width: 144,
    isDefault: true,
    cell: (row) => inert(row.key),
  },
  {
    id: 'tags',
    name: 'Tags',
    width: 208,
    isDefault: true,
    cell: (row) => <TagList tags={row.tags} oneLine />,
  },
  {
    id: 'latency',
    name: 'Latency',
    width: 104,
    order: 'latency',
    isNumeric: true,
    isDefault: true,
    cell: (row) => (row.latencyMs === null ? '–' : durationText(row.latencyMs)),
  },
  {
    id: 'cost',
    name: 'Cost',
    width: 96,
    order: 'cost',
    isNumeric: true,
    isDefault: true,
    cell: costText,
  },
  {
    id: 'output',
    name: 'Output tokens',
    width: 112,
    isNumeric: true,
    cell: (row) => {
      const tokens = row.usage?.output_tokens;
      return typeof tokens === 'number' ? countText(tokens) : '–';
    },
  },
  {
    id: 'ttfb',
    name: 'First byte',
    width: 96,
    isNumeric: true,
    cell: (row) => (row.ttfbMs === null ? '–' : durationText(row.ttfbMs)),
  },
  {
    id: 'error',
    name: 'Error',
    width: 192,
    cell: (row) => inert(row.errorType),
  },
  {
    id: 'deadline',
    name: 'Deadline',
    width: 128,
    // Of what is over it is a moment; of what waits, the time that is left.
    cell: (row, zone) =>
      row.deadlineAt === null ? (
        '–'
      ) : isOpen(row) ? (
        <Countdown at={row.deadlineAt} zone={zone} />
      ) : (
        <Ago at={row.deadlineAt} zone={zone} />
      ),
  },
  {
    id: 'batch',
    name: 'Batch',
    width: 256,
    cell: (row) => (row.batchId === null ? '–' : <span className="mono">{row.batchId}</span>),
  },
  { id: 'client', name: 'Client', width: 112, cell: (row) => row.client },
  { id: 'rule', name: 'Rule', width: 112, cell: (row) => inert(row.rule) },
  { id: 'because', name: 'Because', width: 128, cell: (row) => inert(row.because) },
  {
    id: 'id',
    name: 'Request id',
    width: 336,
    cell: (row) => <span className="mono">{row.id}</span>,
  },
];
