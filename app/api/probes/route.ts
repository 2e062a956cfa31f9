import { methods, route } from '@/app/_server';
import { announce } from '@/app/api/_door/announce';
import { audit } from '@/app/api/_door/audit';
import { DOORS } from '@/lib/contract/doors';
import { parseDuration } from '@/lib/core/duration';
import { parseUsd } from '@/lib/core/money';
import { NO_PROBES } from '@/lib/core/probing';
import { setProbeSettings } from '@/lib/store/probes';
import { probesAnswer } from './_answer';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/probes'], ({ deps, now }) => probesAnswer(deps, now)),

  PUT: route(DOORS['PUT /api/probes'], async (call) => {
    const { deps, body, operator, now } = call;
    const { enabled, models, interval, dailyCapUsd } = body;
    const { enabled: was, ...rest } = await probesAnswer(deps, now);
    const before = { enabled: was, interval: rest.interval, models: rest.models, dailyCapUsd: rest.dailyCapUsd };
    await setProbeSettings(deps.pools.admin, {
      enabled,
      models,
      intervalMs: parseDuration(interval) ?? NO_PROBES.intervalMs,
      dailyCapPico: parseUsd(dailyCapUsd) ?? NO_PROBES.dailyCapPico,
      author: operator.name,
      updatedAt: now.toISOString(),
    });
    await audit(call, { action: 'probes.set', object: 'probes', before, after: body });
    await announce(deps, 'probes');
    return probesAnswer(deps, now);
  }),
});
