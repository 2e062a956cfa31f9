import { parseArgs } from 'node:util';
import { parseDuration } from '@/lib/core/duration';
import { parseUsd } from '@/lib/core/money';
import { SCENARIO_IDS, type ScenarioId } from './experiment/scenarios';

/** A flag that cannot be, in one sentence. */
export class FlagError extends Error {}

export interface FleetFlags {
  mode: 'experiment' | 'measure';
  isReal: boolean;
  scenarios: readonly ScenarioId[];
  seed: number;
  /** `null`: what suits the mode. */
  timeScale: number | null;
  out: string;
  models: readonly string[];
  /** Of the API's time: how long is measured, and how far apart one model's probes are. */
  forMs: number;
  everyMs: number;
  /** `null`: asked for, or the mode's own. */
  capPico: bigint | null;
}

/** Dear and slow ones first cost money; somebody who wants them with a real key names them. */
const REAL_SCENARIOS: readonly ScenarioId[] = ['one', 'one-waiting', 'fleet-20'];
const DEFAULT_MODELS = 'claude-haiku-5-5,claude-sonnet-5-5,claude-opus-5-5';

/** @throws FlagError */
export function readFleetFlags(args: readonly string[]): FleetFlags {
  const values = parsed(args);
  const isReal = values.real ?? false;
  const isMeasure = values.measure ?? false;
  refuseStray(values, isMeasure, isReal);
  return {
    mode: isMeasure ? 'measure' : 'experiment',
    isReal,
    scenarios: scenarios(values.scenario) ?? (isReal ? REAL_SCENARIOS : SCENARIO_IDS),
    seed: number('seed', values.seed ?? '1', 0, 2 ** 31),
    timeScale: values['time-scale'] === undefined ? null : number('time-scale', values['time-scale'], 1, 10_000),
    out: values.out ?? '.offpeak-fleet',
    models: (values.models ?? DEFAULT_MODELS).split(',').map((model) => model.trim()),
    forMs: duration('for', values.for ?? '6h'),
    everyMs: duration('every', values.every ?? '5m'),
    capPico: values.cap === undefined ? null : dollars(values.cap),
  };
}

const OPTIONS = {
  real: { type: 'boolean' },
  measure: { type: 'boolean' },
  scenario: { type: 'string' },
  seed: { type: 'string' },
  'time-scale': { type: 'string' },
  out: { type: 'string' },
  models: { type: 'string' },
  for: { type: 'string' },
  every: { type: 'string' },
  cap: { type: 'string' },
} as const;
type Values = { [K in keyof typeof OPTIONS]?: (typeof OPTIONS)[K]['type'] extends 'boolean' ? boolean : string };

function parsed(args: readonly string[]): Values {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    const [said = ''] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new FlagError(`${said}; there are: ${known.join(', ')}.`);
  }
}

function refuseStray(values: Values, isMeasure: boolean, isReal: boolean): void {
  const stray = (isMeasure ? (['scenario'] as const) : (['models', 'for', 'every'] as const)).find(
    (name) => values[name] !== undefined,
  );
  if (stray)
    throw new FlagError(`--${stray} belongs to ${isMeasure ? 'the experiment, not to --measure' : '--measure'}.`);
  if (isReal && values['time-scale'] !== undefined)
    throw new FlagError('--time-scale is the simulator’s; a real API has its own time.');
  if (isReal && values.seed !== undefined)
    throw new FlagError('--seed is the simulator’s; a real API draws by itself.');
  if (!isReal && !isMeasure && values.cap !== undefined)
    throw new FlagError('--cap belongs to --real and --measure; the simulator costs nothing.');
}

function scenarios(text: string | undefined): ScenarioId[] | null {
  if (text === undefined) return null;
  return text.split(',').map((name) => {
    const id = SCENARIO_IDS.find((known) => known === name.trim());
    if (!id) throw new FlagError(`There is no scenario ${name}; there are: ${SCENARIO_IDS.join(', ')}.`);
    return id;
  });
}

function number(name: string, text: string, from: number, to: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) < from || Number(text) > to) {
    throw new FlagError(`--${name} takes a whole number from ${from} to ${to}, not ${text}.`);
  }
  return Number(text);
}

function duration(name: string, text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new FlagError(`--${name} takes a duration such as 5m or 6h (at most 24h), not ${text}.`);
  return ms;
}

export function dollars(text: string): bigint {
  const pico = parseUsd(text);
  if (pico === null || pico <= 0n) throw new FlagError(`The cap is an amount of USD such as 2.50, not ${text}.`);
  return pico;
}
