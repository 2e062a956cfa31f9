import type { ProbesAnswer } from '@/lib/contract/probes';
import { formatTolerance } from '@/lib/core/duration';
import { requestId } from '@/lib/core/ids';
import { formatUsd } from '@/lib/core/money';
import { probeState, worstProbeCost } from '@/lib/core/probing';
import type { Deps } from '@/lib/deps';
import { type LastProbe, type ProbeReport, readProbeReports } from '@/lib/store/probe-reports';
import { readProbeSettings, type StoredProbeSettings, spentOn } from '@/lib/store/probes';

/** The settings as they are stored, and what came of them. */
export async function probesAnswer(deps: Deps, now: Date): Promise<ProbesAnswer> {
  const settings = await readProbeSettings(deps.pools.admin);
  const { analytics } = deps.pools;
  const [reports, spend] = await Promise.all([
    readProbeReports(analytics, deps.upstreamId, settings.models),
    spentOn(analytics, deps.upstreamId, now.getTime()),
  ]);
  const spentPico = spend.bookedPico + spend.heldPico;
  return {
    enabled: settings.enabled,
    interval: formatTolerance(settings.intervalMs),
    models: [...settings.models],
    dailyCapUsd: formatUsd(settings.dailyCapPico),
    author: settings.author,
    updatedAt: settings.updatedAt,
    spentTodayUsd: formatUsd(spend.bookedPico),
    heldTodayUsd: formatUsd(spend.heldPico),
    probes: settings.models.map((model) => {
      const report = reports.get(model) ?? { model, lastBatchAt: null, last: null };
      return ofModel(deps, settings, report, { spentPico, now: now.getTime() });
    }),
  };
}

function ofModel(
  deps: Deps,
  settings: StoredProbeSettings,
  { model, lastBatchAt, last }: ProbeReport,
  { spentPico, now }: { spentPico: bigint; now: number },
): ProbesAnswer['probes'][number] {
  const worst = worstProbeCost(deps.prices.book, model, now);
  const times = [lastBatchAt, last?.at].filter((at) => typeof at === 'number');
  const state = probeState(settings, {
    paused: deps.policy.current.paused,
    hasCredential: deps.upstream.credential('default') !== null,
    worst,
    spentPico,
    lastAt: times.length > 0 ? Math.max(...times) : null,
    now,
  });
  return {
    model,
    state,
    worstCostUsd: worst && formatUsd(worst.batchPico + worst.syncPico),
    lastBatchAt: lastBatchAt === null ? null : new Date(lastBatchAt).toISOString(),
    last: last && toLast(last),
  };
}

function toLast({ at, id, syncId, ...last }: LastProbe) {
  return { ...last, at: new Date(at).toISOString(), requestId: requestId(id), syncRequestId: requestId(syncId) };
}
