import type { Sql } from 'postgres';
import { uuidFloor } from '@/lib/core/ids';
import { parseMoment } from '@/lib/core/time-range';

/** Reading may take this share of the time at most: the sum has no index and grows with the day. */
const READING_SHARE = 0.02;
const PICO_PER_USD = 1e12;

/** What each model cost since midnight, in USD, kept between readings: the longer one takes, the rarer the next. */
export class SpendToday {
  #byModel: ReadonlyMap<string, number> = new Map();
  #midnight = Number.NaN;
  #readAt = Number.NEGATIVE_INFINITY;
  #tookMs = 0;

  constructor(
    private readonly sql: Sql,
    private readonly upstreamId: number,
    private readonly monotonic: () => number,
  ) {}

  /** @param now Unix ms. @param timeZone IANA name: it decides when the day began. */
  async read(now: number, timeZone: string): Promise<ReadonlyMap<string, number>> {
    const midnight = parseMoment('now/d', new Date(now), timeZone)?.getTime() ?? now;
    const startedAt = this.monotonic();
    if (midnight === this.#midnight && startedAt - this.#readAt < this.#tookMs / READING_SHARE) return this.#byModel;
    const rows = await this.sql<{ model: string; spent: string }[]>`
      select model, sum(cost_pico) as spent from requests
      where id >= ${uuidFloor(midnight)}::uuid and id < ${uuidFloor(now)}::uuid and upstream_id = ${this.upstreamId}
        and endpoint = 'messages' and model is not null
      group by model`;
    this.#byModel = new Map(rows.map(({ model, spent }) => [model, Number(spent) / PICO_PER_USD]));
    this.#midnight = midnight;
    this.#readAt = this.monotonic();
    this.#tookMs = this.#readAt - startedAt;
    return this.#byModel;
  }
}
