import type { ApiKey } from '@/lib/core/api-key';
import { ApiError } from '@/lib/core/errors';
import { formatUsd, type PicoUsd } from '@/lib/core/money';

/**
 * Monthly budgets of keys (UTC months, by arrival). The spend is read every two seconds and booked when a call ends, so
 * a key can overrun its budget by the calls that were under way, and by no later one.
 */
export class Budgets {
  #spent: ReadonlyMap<string, PicoUsd> = new Map();
  #month = '';

  constructor(
    private readonly load: (month: string) => Promise<ReadonlyMap<string, PicoUsd>>,
    private readonly now: () => number,
  ) {}

  async refresh(): Promise<void> {
    const month = this.#currentMonth();
    this.#spent = await this.load(month);
    this.#month = month;
  }

  /** @throws ApiError 429 that clients do not retry: waiting seconds helps nothing. */
  check(key: ApiKey): void {
    if (key.monthlyBudgetPico === null || this.#month !== this.#currentMonth()) return;
    const spent = this.#spent.get(key.id) ?? 0n;
    if (spent < key.monthlyBudgetPico) return;
    throw new ApiError(
      'rate_limit_error',
      `The monthly budget of this Offpeak key is spent: ${formatUsd(spent)} of ${formatUsd(key.monthlyBudgetPico)} USD; it begins anew on the first of the month (UTC)`,
      { headers: { 'x-should-retry': 'false' } },
    );
  }

  #currentMonth(): string {
    return new Date(this.now()).toISOString().slice(0, 7);
  }
}
