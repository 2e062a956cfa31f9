import type { CatalogModel } from './model-catalog';
import { SeededRandom } from './seeded-random';

/** A multiplier on turnaround over time. */
interface LoadConfig {
  /** Range of a multiplier that is drawn anew every day; `null` for none. */
  readonly daily: readonly [number, number] | null;
  /** Swing around 1 over each day, e.g. 0.5 for 0.5 at night and 1.5 at noon. */
  readonly diurnalSwing: number;
  /** Chance per hour that an incident starts. */
  readonly incidentsPerHour: number;
  readonly incidentMultiplier: number;
  readonly incidentMs: number;
  /** A scripted course instead: each multiplier holds from its time (since the simulator's start) on. */
  readonly schedule: readonly { readonly fromMs: number; readonly multiplier: number }[] | null;
}

/** How one class of batches is drawn. */
interface TurnaroundShape {
  readonly medianMs: number;
  readonly sigma: number;
  readonly floorMs: number;
  /** Mixture components that replace the main one: chance, and what is drawn then. */
  readonly tails: readonly { readonly share: number; readonly medianMs: number; readonly sigma: number }[];
  /** Chance of a turnaround that is uniform within `[from, to]` ms. */
  readonly hours: { readonly share: number; readonly fromMs: number; readonly toMs: number };
  /** Chance that the batch never ends by itself and expires. */
  readonly neverShare: number;
}

/**
 * How long batches take, in milliseconds of the API (divided by the time scale when they pass). No provider publishes
 * such figures: the defaults are a plausible invention around "usually 90–120 s, most within the hour, at most 24 h".
 */
export interface TurnaroundConfig extends TurnaroundShape {
  /** Every batch takes exactly this long. */
  readonly fixedMs: number | null;
  readonly lineMultiplier: Readonly<Record<CatalogModel['line'], number>>;
  /** × (1 + sizeFactor·log10(items)). */
  readonly sizeFactor: number;
  /** The longest item adds its output tokens divided by this. */
  readonly outputTokensPerSecond: number;
  readonly load: LoadConfig;
  /** Range of the time that a cancel takes to stop the items that are left. */
  readonly cancelMs: readonly [number, number];
  /** Per model id: a fixed duration, or another shape. */
  readonly models: Readonly<Record<string, number | Partial<TurnaroundShape>>>;
  /** Replaces everything; in-process only. */
  readonly draw: ((subject: TurnaroundSubject) => number) | null;
}

/** The part of a batch that runs on one model. */
export interface TurnaroundSubject {
  readonly model: CatalogModel;
  readonly items: number;
  readonly longestOutputTokens: number;
  /** Milliseconds of the API since the simulator's start. */
  readonly sinceStartMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const DEFAULT_TURNAROUND: TurnaroundConfig = {
  medianMs: 100_000,
  sigma: 0.45,
  floorMs: 45_000,
  tails: [{ share: 0.04, medianMs: 15 * MINUTE, sigma: 0.8 }],
  hours: { share: 0.003, fromMs: HOUR, toMs: 6 * HOUR },
  neverShare: 0.0001,
  fixedMs: null,
  lineMultiplier: { haiku: 1.25, sonnet: 1, opus: 1.05, fable: 1.1, mythos: 1.1 },
  sizeFactor: 0.15,
  outputTokensPerSecond: 60,
  load: {
    daily: [0.8, 3],
    diurnalSwing: 0,
    incidentsPerHour: 0.02,
    incidentMultiplier: 10,
    incidentMs: 20 * MINUTE,
    schedule: null,
  },
  cancelMs: [2_000, 15_000],
  models: {},
  draw: null,
};

/**
 * Draws one turnaround.
 *
 * @param seed - of the load's course, which all batches share
 * @param random - of this batch
 * @returns ms of the API, `Infinity` for a batch that never ends by itself
 */
export function drawTurnaround(
  config: TurnaroundConfig,
  subject: TurnaroundSubject,
  seed: number,
  random: SeededRandom,
): number {
  if (config.draw !== null) return config.draw(subject);
  const own = Object.hasOwn(config.models, subject.model.id) ? config.models[subject.model.id] : undefined;
  if (typeof own === 'number') return own;
  if (own === undefined && config.fixedMs !== null) return config.fixedMs;
  const shape: TurnaroundShape = { ...config, ...own };
  if (random.next() < shape.neverShare) return Number.POSITIVE_INFINITY;
  if (random.next() < shape.hours.share) return random.between(shape.hours.fromMs, shape.hours.toMs);
  const component = pickComponent(shape, random);
  const multiplier =
    config.lineMultiplier[subject.model.line] *
    (1 + config.sizeFactor * Math.log10(Math.max(1, subject.items))) *
    loadMultiplier(config.load, subject.sinceStartMs, seed);
  const drawn = random.lognormal(component.medianMs, component.sigma) * multiplier;
  return Math.max(shape.floorMs, drawn) + (subject.longestOutputTokens * 1_000) / config.outputTokensPerSecond;
}

function pickComponent(shape: TurnaroundShape, random: SeededRandom): { medianMs: number; sigma: number } {
  let left = random.next();
  for (const tail of shape.tails) {
    if (left < tail.share) return tail;
    left -= tail.share;
  }
  return shape;
}

/** The load's multiplier at a moment; the same for every batch of a seed. */
export function loadMultiplier(load: LoadConfig, sinceStartMs: number, seed: number): number {
  if (load.schedule !== null) {
    return load.schedule.findLast((step) => step.fromMs <= sinceStartMs)?.multiplier ?? 1;
  }
  let multiplier = 1 - load.diurnalSwing * Math.cos((2 * Math.PI * sinceStartMs) / DAY);
  if (load.daily !== null) {
    multiplier *= new SeededRandom(seed, `load|day|${Math.floor(sinceStartMs / DAY)}`).between(...load.daily);
  }
  return inIncident(load, sinceStartMs, seed) ? multiplier * load.incidentMultiplier : multiplier;
}

function inIncident(load: LoadConfig, sinceStartMs: number, seed: number): boolean {
  const hour = Math.floor(sinceStartMs / HOUR);
  const oldest = hour - Math.ceil(load.incidentMs / HOUR);
  for (let at = hour; at >= oldest; at--) {
    const random = new SeededRandom(seed, `load|incident|${at}`);
    if (random.next() >= load.incidentsPerHour) continue;
    const startMs = at * HOUR + random.between(0, HOUR);
    if (sinceStartMs >= startMs && sinceStartMs < startMs + load.incidentMs) return true;
  }
  return false;
}

/** A partial configuration over an existing one; nested objects are merged, lists and functions replaced. */
export function mergeTurnaround(base: TurnaroundConfig, change: Partial<TurnaroundConfig>): TurnaroundConfig {
  return {
    ...base,
    ...change,
    load: { ...base.load, ...change.load },
    lineMultiplier: { ...base.lineMultiplier, ...change.lineMultiplier },
    models: { ...base.models, ...change.models },
  };
}
