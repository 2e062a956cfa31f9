import type { Uuid } from './ids';
import type { PicoUsd } from './money';
import type { Tags } from './tags';

/** What a client key fixes for its calls. Never holds the secret. */
export interface ApiKey {
  id: Uuid;
  name: string;
  toleranceMs: number | null;
  tags: Tags;
  batch: boolean;
  store: boolean;
  patienceMs: number | null;
  monthlyBudgetPico: PicoUsd | null;
  /** Name of the upstream credential it is bound to. */
  upstream: string;
}

/** Checked before any look-up: what does not look like a key never reaches the database. */
export const API_KEY = /^opk_[A-Za-z0-9_-]{24,200}$/;
