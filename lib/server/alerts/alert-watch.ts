import type { Sql } from 'postgres';
import { type Alert, alertsOf, endText, slackMessage } from '@/lib/core/alert';
import { alertTold, findConditions, noteAlerts, type RaisedAlert, untoldAlerts } from '@/lib/store/alerts';
import type { PostAlert } from './post-alert';

/** Shorter breaks of the database are told by nobody. */
const DATABASE_DOWN_AFTER_MS = 10_000;
const LEASE_MS = 60_000;

export interface AlertWatchOptions {
  sql: Sql;
  upstreamId: number;
  origin: string;
  post: PostAlert;
  /** Whether this process is the one that tells, until `leaseUntil`. */
  lease(leaseUntil: number, now: number): Promise<boolean>;
  batchP95Ms(model: string): number | null;
}

/**
 * Tells of each alert once, and of its end. What holds is a row before it is sent, and is marked when the webhook has
 * accepted it: a process that dies in between is followed by another that tells it, at worst a second time.
 */
export class AlertWatch {
  #downSince: number | null = null;
  #downTold = false;

  constructor(private readonly options: AlertWatchOptions) {}

  /** One look; `now` is of Postgres' clock. @throws what the database or the webhook throws: the next look tries again. */
  async turn(now: number): Promise<void> {
    const { sql, upstreamId, lease, batchP95Ms } = this.options;
    if (!(await lease(now + LEASE_MS, now))) return;
    await noteAlerts(sql, upstreamId, alertsOf(await findConditions(sql, upstreamId, now), batchP95Ms), now);
    for (const alert of await untoldAlerts(sql, upstreamId)) await this.#tell(alert, now);
  }

  /** What no database can keep: each process tells of its own. `monotonic` in ms. */
  async database(isUp: boolean, monotonic: number): Promise<void> {
    if (!isUp) {
      this.#downSince ??= monotonic;
      if (this.#downTold || monotonic - this.#downSince < DATABASE_DOWN_AFTER_MS) return;
      await this.#post('Postgres does not answer: known keys go on being served, synchronously.');
      this.#downTold = true;
      return;
    }
    this.#downSince = null;
    if (!this.#downTold) return;
    await this.#post(endText({ kind: 'database_down', subject: '' }) ?? '');
    this.#downTold = false;
  }

  async #tell(alert: RaisedAlert, now: number): Promise<void> {
    const text = textOf(alert);
    if (text !== null) await this.#post(text);
    await alertTold(this.options.sql, this.options.upstreamId, alert, now);
  }

  async #post(text: string): Promise<void> {
    await this.options.post(slackMessage(text, this.options.origin));
  }
}

// What was over before anybody could be told is nothing to tell of.
function textOf(alert: Alert & { sent: boolean; over: boolean }): string | null {
  if (!alert.over) return alert.text;
  return alert.sent ? endText(alert) : null;
}
