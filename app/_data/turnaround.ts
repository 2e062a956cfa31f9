import { queryOptions } from '@tanstack/react-query';
import type {
  CalibrationAnswer,
  TurnaroundHoursAnswer,
  TurnaroundSeriesAnswer,
  TurnaroundSizesAnswer,
  WaitingValueAnswer,
} from '@/lib/contract/turnaround-metrics';
import { fetchJson } from './fetch-json';
import { ends, live, overTime, overTimeBefore } from './metrics';
import type { PageRange } from './page-range';

type Models = readonly string[];

export function turnaroundSeriesQuery(range: PageRange, model: Models) {
  return overTime<TurnaroundSeriesAnswer>(range, 'turnaround-series', { model });
}

export function previousTurnaroundSeriesQuery(range: PageRange, model: Models) {
  return overTimeBefore<TurnaroundSeriesAnswer>(range, 'turnaround-series', { model });
}

export function turnaroundHoursQuery(range: PageRange, model: Models) {
  return queryOptions({
    queryKey: ['metrics', 'turnaround-hours', ends(range), model],
    queryFn: ({ signal }) =>
      fetchJson<TurnaroundHoursAnswer>('/api/metrics/turnaround-hours', { query: { ...ends(range), model }, signal }),
    ...live(range),
  });
}

export function turnaroundSizesQuery(range: PageRange, model: Models) {
  return queryOptions({
    queryKey: ['metrics', 'turnaround-sizes', ends(range), model],
    queryFn: ({ signal }) =>
      fetchJson<TurnaroundSizesAnswer>('/api/metrics/turnaround-sizes', { query: { ...ends(range), model }, signal }),
    ...live(range),
  });
}

export function waitingValueQuery(range: PageRange, model: Models) {
  return queryOptions({
    queryKey: ['metrics', 'waiting-value', ends(range), model],
    queryFn: ({ signal }) =>
      fetchJson<WaitingValueAnswer>('/api/metrics/waiting-value', { query: { ...ends(range), model }, signal }),
    ...live(range),
  });
}

export function calibrationQuery(range: PageRange, model: Models) {
  return queryOptions({
    queryKey: ['metrics', 'calibration', ends(range), model],
    queryFn: ({ signal }) =>
      fetchJson<CalibrationAnswer>('/api/metrics/calibration', { query: { ...ends(range), model }, signal }),
    ...live(range),
  });
}
