import type { z } from 'zod';
import type { Role } from '@/lib/core/request-states';
import { AuditAnswer, AuditQuery } from './audit';
import { BatchDetail, BatchesAnswer, BatchesQuery, BatchHistoryAnswer, BatchHistoryQuery } from './batches';
import { Bill, BillCompareQuery, BillComparison, BillList, BillRequest } from './bills';
import { Key, KeyCreated, KeyList, KeyRequest } from './keys';
import {
  CostAnswer,
  CostQuery,
  LaneVolumeAnswer,
  LatencyAnswer,
  LatencyQuery,
  LatencySeriesAnswer,
  LatencySeriesQuery,
  Summary,
  SummaryQuery,
  VolumeQuery,
} from './metrics';
import { OperatorCreated, OperatorList, OperatorRequest } from './operators';
import {
  PauseRequest,
  PolicyAnswer,
  PolicyDraft,
  PolicyDraftAnswer,
  PolicyDraftRequest,
  PolicyRequest,
  PolicyVersion,
  PolicyVersions,
  PublishedPolicy,
  RestoreRequest,
} from './policy';
import { BacktestAnswer, BacktestRequest } from './policy-backtest';
import { ExplainAnswer, ExplainRequest } from './policy-explain';
import { Price, PriceList, PriceRequest } from './prices';
import { ProbesAnswer, ProbesRequest } from './probes';
import { FacetsAnswer, FacetsQuery, FilteredVolumeAnswer, FilteredVolumeQuery } from './request-facets';
import { ExportQuery, RequestDetail, RequestsAnswer, RequestsQuery } from './requests';
import { Running } from './running';
import { SavedView, SavedViewList, SavedViewRequest } from './saved-views';
import { SessionAnswer, SessionRequest } from './session';
import { SavingsAnswer, SavingsQuery, TokensAnswer, TokensQuery } from './spend-metrics';
import { Status } from './status';
import {
  CalibrationAnswer,
  CalibrationQuery,
  TurnaroundHoursAnswer,
  TurnaroundHoursQuery,
  TurnaroundSeriesAnswer,
  TurnaroundSeriesQuery,
  TurnaroundSizesAnswer,
  TurnaroundSizesQuery,
  WaitingValueAnswer,
  WaitingValueQuery,
} from './turnaround-metrics';

/** One call of the admin API: who may make it, what it takes and what it answers. */
export interface Door {
  /** The least role that may; `public` needs no operator. */
  access: Role | 'public';
  summary: string;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Of the body; 1 unless told otherwise. */
  mostMb?: number;
  /** Of a success; 200 unless told otherwise. */
  status?: 201 | 204;
  /** Absent: no body, or one that no schema describes. */
  answer?: z.ZodType;
  /** The answer is text of this type instead. */
  text?: 'text/csv';
}

/**
 * Every door that is open. The handlers take their checks from here and the OpenAPI document is made of it, so what is
 * described is what is enforced.
 */
export const DOORS = {
  'GET /api/session': { access: 'viewer', summary: 'Who is logged in', answer: SessionAnswer },
  'POST /api/session': {
    access: 'public',
    summary: 'Log in with an operator token or the single-use code of a login link; sets the session cookie',
    body: SessionRequest,
    answer: SessionAnswer,
  },
  'DELETE /api/session': { access: 'public', summary: 'Log out', status: 204 },
  'GET /api/status': {
    access: 'viewer',
    summary: 'The process that answers, its upstream and its spool',
    answer: Status,
  },
  'GET /api/operators': { access: 'admin', summary: 'All operators', answer: OperatorList },
  'POST /api/operators': {
    access: 'admin',
    summary: 'Create an operator; the token is in this answer and never again',
    body: OperatorRequest,
    status: 201,
    answer: OperatorCreated,
  },
  'DELETE /api/operators/{id}': {
    access: 'admin',
    summary: 'Delete an operator and end their sessions; the built-in one stays',
    status: 204,
  },
  'GET /api/keys': { access: 'viewer', summary: 'All API keys, revoked ones too', answer: KeyList },
  'POST /api/keys': {
    access: 'operator',
    summary: 'Create an API key; the secret is in this answer and never again',
    body: KeyRequest,
    status: 201,
    answer: KeyCreated,
  },
  'DELETE /api/keys/{id}': { access: 'operator', summary: 'Revoke an API key, on every replica', status: 204 },
  'POST /api/keys/{id}/restore': {
    access: 'operator',
    summary: 'Take back a revocation of the last five minutes',
    answer: Key,
  },
  'GET /api/prices': { access: 'viewer', summary: 'All dated price rows, and models without one', answer: PriceList },
  'PUT /api/prices': {
    access: 'operator',
    summary: 'Add one dated price row; earlier rows and the costs they priced stay',
    body: PriceRequest,
    answer: Price,
  },
  'GET /api/probes': {
    access: 'viewer',
    summary: 'Whether and how models without traffic are probed, and what it cost today',
    answer: ProbesAnswer,
  },
  'PUT /api/probes': {
    access: 'operator',
    summary: 'Replace the settings of probes; in force on every replica within two seconds',
    body: ProbesRequest,
    answer: ProbesAnswer,
  },
  'GET /api/requests': {
    access: 'viewer',
    summary: 'Requests, newest first, those that wait or run included; repeated filters are alternatives',
    query: RequestsQuery,
    answer: RequestsAnswer,
  },
  'GET /api/requests/facets': {
    access: 'viewer',
    summary: 'How many requests have each value of what the list can be filtered by',
    query: FacetsQuery,
    answer: FacetsAnswer,
  },
  'GET /api/requests/volume': {
    access: 'viewer',
    summary: 'How many requests the list’s filters let through in each bucket, and errors among them',
    query: FilteredVolumeQuery,
    answer: FilteredVolumeAnswer,
  },
  'GET /api/requests/export': {
    access: 'viewer',
    summary: 'The list as CSV, at most 100,000 rows',
    query: ExportQuery,
    text: 'text/csv',
  },
  'GET /api/requests/{id}': {
    access: 'viewer',
    summary: 'One request with what the decision saw, its attempts and, where kept, its bodies',
    answer: RequestDetail,
  },
  'GET /api/batches': {
    access: 'viewer',
    summary: 'Batches with their states, timings and money, newest first, and what waits now',
    query: BatchesQuery,
    answer: BatchesAnswer,
  },
  'GET /api/batches/history': {
    access: 'viewer',
    summary: 'Batches and their items per bucket, and how many batches were of which size',
    query: BatchHistoryQuery,
    answer: BatchHistoryAnswer,
  },
  'GET /api/batches/{id}': {
    access: 'viewer',
    summary: 'One batch, by our id or upstream’s, with its items',
    answer: BatchDetail,
  },
  'GET /api/metrics/summary': {
    access: 'viewer',
    summary: 'Sums over a range, in all, by lane and by model',
    query: SummaryQuery,
    answer: Summary,
  },
  'GET /api/metrics/cost': {
    access: 'viewer',
    summary: 'Cost per bucket and group',
    query: CostQuery,
    answer: CostAnswer,
  },
  'GET /api/metrics/latency': {
    access: 'viewer',
    summary: 'Percentiles and distribution per model, lane and measure',
    query: LatencyQuery,
    answer: LatencyAnswer,
  },
  'GET /api/metrics/latency-series': {
    access: 'viewer',
    summary: 'Latency percentiles per bucket and model',
    query: LatencySeriesQuery,
    answer: LatencySeriesAnswer,
  },
  'GET /api/metrics/requests-series': {
    access: 'viewer',
    summary: 'Requests and errors per bucket',
    query: VolumeQuery,
    answer: LaneVolumeAnswer,
  },
  'GET /api/metrics/savings': {
    access: 'viewer',
    summary: 'Cost, cost of all sync, savings and waste per bucket',
    query: SavingsQuery,
    answer: SavingsAnswer,
  },
  'GET /api/metrics/tokens': {
    access: 'viewer',
    summary: 'Billed tokens by kind, per bucket and per model',
    query: TokensQuery,
    answer: TokensAnswer,
  },
  'GET /api/metrics/turnaround-series': {
    access: 'viewer',
    summary: 'Turnaround percentiles of batches per bucket and model',
    query: TurnaroundSeriesQuery,
    answer: TurnaroundSeriesAnswer,
  },
  'GET /api/metrics/turnaround-hours': {
    access: 'viewer',
    summary: 'Turnaround percentiles of batches per hour of the day and model',
    query: TurnaroundHoursQuery,
    answer: TurnaroundHoursAnswer,
  },
  'GET /api/metrics/turnaround-sizes': {
    access: 'viewer',
    summary: 'Turnaround percentiles of batches per number of items and model',
    query: TurnaroundSizesQuery,
    answer: TurnaroundSizesAnswer,
  },
  'GET /api/metrics/waiting-value': {
    access: 'viewer',
    summary: 'What batching saves per request and per minute of waiting, per model',
    query: WaitingValueQuery,
    answer: WaitingValueAnswer,
  },
  'GET /api/metrics/calibration': {
    access: 'viewer',
    summary: 'Predicted probability of being in time against what happened, per model',
    query: CalibrationQuery,
    answer: CalibrationAnswer,
  },
  'GET /api/policy': { access: 'viewer', summary: 'The policy in force', answer: PolicyAnswer },
  'PUT /api/policy': {
    access: 'operator',
    summary: 'Publish a policy on top of the version it was made from; 409 when another was published since',
    body: PolicyRequest,
    answer: PublishedPolicy,
  },
  'PUT /api/policy/paused': {
    access: 'operator',
    summary: 'Send everything to sync, or stop doing so',
    body: PauseRequest,
    answer: PolicyAnswer,
  },
  'GET /api/policy/draft': {
    access: 'viewer',
    summary: 'The operator’s own unpublished policy, if there is one',
    answer: PolicyDraftAnswer,
  },
  'PUT /api/policy/draft': {
    access: 'operator',
    summary: 'Keep an unpublished policy, faults and all, in place of the operator’s last one',
    body: PolicyDraftRequest,
    answer: PolicyDraft,
  },
  'DELETE /api/policy/draft': { access: 'operator', summary: 'Discard the unpublished policy', status: 204 },
  'GET /api/policy/versions': {
    access: 'viewer',
    summary: 'All policy versions, newest first',
    answer: PolicyVersions,
  },
  'GET /api/policy/versions/{version}': {
    access: 'viewer',
    summary: 'One policy version with its document',
    answer: PolicyVersion,
  },
  'POST /api/policy/versions/{version}/restore': {
    access: 'operator',
    summary: 'Publish an old version anew, as a new version',
    body: RestoreRequest,
    answer: PublishedPolicy,
  },
  'POST /api/policy/explain': {
    access: 'viewer',
    summary: 'What would happen to a call, and why',
    body: ExplainRequest,
    // The call's own 32 MB, and what is said of it.
    mostMb: 33,
    answer: ExplainAnswer,
  },
  'POST /api/policy/backtest': {
    access: 'viewer',
    summary: 'What a policy would have done to logged calls',
    body: BacktestRequest,
    answer: BacktestAnswer,
  },
  'GET /api/views': {
    access: 'viewer',
    summary: 'Saved views of the request list: the operator’s own and the shared ones',
    answer: SavedViewList,
  },
  'PUT /api/views': {
    access: 'viewer',
    summary: 'Save a view under its name, in place of the one that has it; sharing it needs the role operator',
    body: SavedViewRequest,
    answer: SavedView,
  },
  'DELETE /api/views/{id}': {
    access: 'viewer',
    summary: 'Delete a view of one’s own; a shared one needs the role operator',
    status: 204,
  },
  'GET /api/bills': {
    access: 'viewer',
    summary: 'Imported exports of the organisation’s own usage and cost',
    answer: BillList,
  },
  'POST /api/bills': {
    access: 'operator',
    summary: 'Import an export of the Usage and Cost Admin API (JSON) or of the Console (CSV)',
    body: BillRequest,
    mostMb: 16,
    status: 201,
    answer: Bill,
  },
  'DELETE /api/bills/{id}': { access: 'operator', summary: 'Delete an imported export', status: 204 },
  'GET /api/bills/compare': {
    access: 'viewer',
    summary: 'The imported exports beside what Offpeak counted, by day, model and tier',
    query: BillCompareQuery,
    answer: BillComparison,
  },
  'GET /api/settings': {
    access: 'viewer',
    summary: 'The configuration that this process runs with, without secrets',
    answer: Running,
  },
  'GET /api/audit': {
    access: 'viewer',
    summary: 'Who changed what, newest first',
    query: AuditQuery,
    answer: AuditAnswer,
  },
  'GET /api/openapi.json': { access: 'viewer', summary: 'This document' },
} as const satisfies Record<string, Door>;
