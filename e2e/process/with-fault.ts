import type { FaultRule } from '@/lib/simulator/fault-rule';
import type { Simulator } from '@/lib/simulator/start-simulator';

/** Arms a fault for as long as `check` runs. */
export async function withFault<T>(apis: readonly Simulator[], rule: FaultRule, check: () => Promise<T>): Promise<T> {
  const armed = apis.map((api) => [api, api.addFault(rule)] as const);
  try {
    return await check();
  } finally {
    for (const [api, id] of armed) api.clearFaults(id);
  }
}
