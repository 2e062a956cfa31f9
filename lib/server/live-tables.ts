import type { Sql } from 'postgres';
import type { Logger } from '@/lib/log';

const CHANNEL = 'offpeak';
const POLL_MS = 2_000;
/** Where nothing is ever heard. */
const DEAF_POLL_MS = 1_000;

const TABLES = ['keys', 'prices', 'policy', 'probes'] as const;
export type Table = (typeof TABLES)[number];

export interface LiveTablesOptions {
  sql: Sql;
  /** False: a pooler is in the way of what other replicas announce. */
  canListen: boolean;
  log: Logger;
  refresh: Record<Table, () => Promise<void>>;
  /** Part of every poll: what changes with every call, so that no announcement tells of it. */
  everyPoll(): Promise<void>;
  /** Called after each poll: whether Postgres answered. */
  onHealth(up: boolean): void;
}

/**
 * Keeps what every call needs in memory in step with the database: a NOTIFY as a hint, a cheap poll as the truth. While
 * Postgres is away the last state goes on serving.
 */
export class LiveTables {
  #fingerprints: Partial<Record<Table, string>> = {};
  readonly #refreshing = new Map<Table, Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #unlisten: (() => Promise<void>) | null = null;
  #isDown = false;
  #stopped = false;

  constructor(private readonly options: LiveTablesOptions) {}

  /** Loads everything once; from then on in the background. */
  async start(): Promise<void> {
    await this.#poll();
    const { sql, canListen } = this.options;
    if (canListen) this.#unlisten = (await sql.listen(CHANNEL, (payload) => this.#onNotify(payload))).unlisten;
    this.#schedule();
  }

  /** Refreshes here at once and tells the other replicas. */
  async announce(table: Table): Promise<void> {
    await this.#refresh(table);
    await this.options.sql`select pg_notify(${CHANNEL}, ${table})`;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#unlisten?.().catch(() => undefined);
  }

  #onNotify(payload: string): void {
    const table = TABLES.find((name) => name === payload);
    if (!table) return;
    this.#refresh(table).catch((error: unknown) => this.options.log.warn({ err: error }, 'refresh failed'));
  }

  // One after the other: what was read earlier must not be put in place later, or a revoked key would work again.
  #refresh(table: Table): Promise<void> {
    const before = this.#refreshing.get(table) ?? Promise.resolve();
    const refreshed = before.catch(() => undefined).then(() => this.options.refresh[table]());
    this.#refreshing.set(table, refreshed);
    return refreshed;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(
      () => {
        this.#poll()
          .then(() => this.#report(true))
          .catch((error: unknown) => this.#report(false, error))
          .finally(() => this.#schedule());
      },
      this.options.canListen ? POLL_MS : DEAF_POLL_MS,
    );
    this.#timer.unref();
  }

  async #poll(): Promise<void> {
    const [row] = await this.options.sql<Record<Table, string>[]>`
      select
        (select concat(count(*), '|', max(created_at), '|', count(revoked_at), '|', max(revoked_at)) from keys) as keys,
        (select concat(count(*), '|', max(id)) from prices) as prices,
        (select concat((select max(version) from policies), '|', (select value from settings where name = 'paused'))) as policy,
        (select value from settings where name = 'probes') as probes`;
    for (const table of TABLES) {
      const fingerprint = row?.[table];
      if (fingerprint === undefined || fingerprint === this.#fingerprints[table]) continue;
      await this.#refresh(table);
      this.#fingerprints[table] = fingerprint;
    }
    await this.options.everyPoll();
  }

  #report(up: boolean, error?: unknown): void {
    if (!up && !this.#isDown) this.options.log.error({ err: error }, 'Postgres is away: known keys go on being served');
    if (up && this.#isDown) this.options.log.info('Postgres is back');
    this.#isDown = !up;
    this.options.onHealth(up);
  }
}
