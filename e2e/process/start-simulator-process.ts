import type { FaultRule } from '@/lib/simulator/fault-rule';
import type { Ledger } from '@/lib/simulator/ledger';
import type { BatchState } from '@/lib/simulator/simulator-controls';
import { Child } from './child';
import { PRODUCT } from './ensure-build';
import { waitFor } from './wait-for';

/** The simulated API in a process of its own, as someone would run it beside Offpeak. */
export class SimulatorProcess {
  constructor(
    private readonly child: Child,
    readonly url: string,
    private readonly controlUrl: string,
    private readonly controlToken: string,
  ) {}

  ledger(): Promise<Ledger> {
    return this.#control('GET', '/ledger');
  }

  addFault(rule: FaultRule): Promise<unknown> {
    return this.#control('POST', '/faults', rule);
  }

  async batches(): Promise<BatchState[]> {
    return (await this.#control<{ batches: BatchState[] }>('GET', '/batches')).batches;
  }

  finishBatch(id: string): Promise<unknown> {
    return this.#control('POST', '/batches/finish', { id });
  }

  /** Fast-forwards by milliseconds of the wall clock. */
  advance(ms: number): Promise<unknown> {
    return this.#control('POST', '/clock/advance', { ms });
  }

  /** Ends it without a goodbye. */
  async kill(): Promise<void> {
    if (this.child.exit === null) await this.child.kill('SIGKILL');
  }

  async #control<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.controlUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.controlToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
}

/** @param args - as `lib/simulator/run.ts` takes them */
export async function startSimulatorProcess(args: readonly string[] = []): Promise<SimulatorProcess> {
  const child = new Child({ args: ['--import', 'tsx', 'lib/simulator/run.ts', ...args], cwd: PRODUCT, env: {} });
  await waitFor('the simulator to be ready', () => child.exit !== null || child.stdout.endsWith('\n'), 30_000);
  if (child.exit) throw new Error(`the simulator did not start: ${child.stderr}`);
  const { url, controlUrl, controlToken } = JSON.parse(child.stdout) as Record<string, string>;
  return new SimulatorProcess(child, url ?? '', controlUrl ?? '', controlToken ?? '');
}
