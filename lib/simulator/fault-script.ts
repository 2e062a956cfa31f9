import type { Endpoint, Fault, FaultRule } from './fault-rule';
import { SeededRandom } from './seeded-random';

/** What a fault rule may look at. */
interface FaultSubject {
  readonly endpoint: Endpoint;
  readonly models: () => readonly string[];
  readonly stream: boolean;
  readonly key: () => string;
  readonly workspace: string;
}

interface ArmedRule {
  readonly id: string;
  readonly rule: FaultRule;
  seen: number;
  struck: number;
}

const NONE: readonly Fault[] = [];

/** The faults that are scripted at the moment, with their counts. */
export class FaultScript {
  #rules: ArmedRule[] = [];
  #added = 0;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Adds a rule; returns its id. */
  add(rule: FaultRule): string {
    this.#added += 1;
    const id = rule.id ?? `fault-${this.#added}`;
    this.#rules = [...this.#rules.filter((armed) => armed.id !== id), { id, rule, seen: 0, struck: 0 }];
    return id;
  }

  /** Removes one rule, or all. */
  clear(id?: string): void {
    this.#rules = id === undefined ? [] : this.#rules.filter((armed) => armed.id !== id);
  }

  list(): { id: string; rule: FaultRule; seen: number; struck: number }[] {
    return this.#rules.map((armed) => ({ ...armed }));
  }

  /** Counts a call against every rule and returns the faults that strike it. */
  strike(subject: FaultSubject): readonly Fault[] {
    if (this.#rules.length === 0) return NONE;
    const faults: Fault[] = [];
    for (const armed of this.#rules) {
      if (!matches(armed.rule, subject)) continue;
      armed.seen += 1;
      if (!this.#isDue(armed)) continue;
      armed.struck += 1;
      faults.push(armed.rule.fault);
    }
    return faults;
  }

  #isDue({ rule, id, seen, struck }: ArmedRule): boolean {
    if (rule.nth !== undefined && seen !== rule.nth) return false;
    if (rule.from !== undefined && seen < rule.from) return false;
    if (rule.times !== undefined && struck >= rule.times) return false;
    if (rule.probability === undefined) return true;
    return new SeededRandom(this.#seed, `fault|${id}|${seen}`).next() < rule.probability;
  }
}

function matches(rule: FaultRule, subject: FaultSubject): boolean {
  const { endpoint = 'any' } = rule;
  if (
    endpoint === 'batches'
      ? !subject.endpoint.startsWith('batch_')
      : endpoint !== 'any' && endpoint !== subject.endpoint
  )
    return false;
  if (rule.stream !== undefined && rule.stream !== subject.stream) return false;
  if (rule.key !== undefined && subject.key() !== rule.key) return false;
  if (rule.workspace !== undefined && rule.workspace !== subject.workspace) return false;
  return rule.model === undefined || subject.models().includes(rule.model);
}

/** The first fault of a kind. */
export function faultOf<K extends Fault['kind']>(
  faults: readonly Fault[],
  kind: K,
): Extract<Fault, { kind: K }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
}
