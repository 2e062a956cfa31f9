import { type Decision, overridden } from '@/lib/core/decide';
import type { Uuid } from '@/lib/core/ids';
import type { CompiledPolicy } from '@/lib/core/policy/compile';
import { type LoggedCall, replay } from '@/lib/core/policy/replay';
import { DecideAgain } from './decide-again';
import { Effect } from './effect';
import { LatencyChange } from './latency-change';
import type { LoggedOutcome } from './logged-outcome';
import { drawOf, proposedOutcome } from './proposed-outcome';
import type { TurnaroundByHour } from './turnaround-by-hour';

/** Examples of each kind of change, and in all. */
const MOST_OF_KIND = 5;
const MOST_EXAMPLES = 50;

export interface Example {
  id: Uuid;
  arrivedAt: number;
  model: string | null;
  logged: LoggedOutcome;
  proposed: Decision;
  proposedCost: number;
}

export interface BacktestResult {
  effect: Effect;
  notEvaluable: number;
  perRule: { rule: string; effect: Effect }[];
  latency: ReturnType<LatencyChange['result']>;
  sample: Example[];
}

/** `decide` mapped over logged calls, in the order of their arrival, and what its decisions would have brought. */
export class Backtest {
  readonly #again: DecideAgain;
  readonly #effect = new Effect();
  readonly #rules = new Map<string, Effect>();
  readonly #latency = new LatencyChange();
  readonly #examples = new Map<string, Example[]>();
  #notEvaluable = 0;

  constructor(
    private readonly policy: CompiledPolicy,
    private readonly turnaround: TurnaroundByHour,
  ) {
    this.#again = new DecideAgain(policy);
    for (const { id } of policy.rules) this.#rules.set(id, new Effect());
  }

  /** @param call `null`: what its decision saw is not known. */
  add(call: LoggedCall | null, was: LoggedOutcome): void {
    const decision = call && this.#decide(call, was);
    if (!call || !decision) {
      this.#notEvaluable++;
      return;
    }
    const proposed = proposedOutcome(call, was, decision, this.turnaround);
    const moved = decision.lane === was.lane ? null : decision.lane === 'batch' ? 'toBatch' : 'toSync';
    this.#effect.add(was, proposed, moved);
    this.#effectOf(decision.rule).add(was, proposed, moved);
    if (moved !== null) this.#keep({ call, was, decision, cost: proposed.cost });
    if (was.state === 'succeeded' && was.latencyMs !== null) {
      this.#latency.actual(was.latencyMs);
      if (was.servedBy === 'sync' && was.lane === 'sync') this.#latency.sync(call.model, was.latencyMs);
    }
    if (proposed.latencyMs === 'sync') this.#latency.proposedSync(call.model, drawOf(call.id));
    else if (proposed.latencyMs !== null) this.#latency.proposed(proposed.latencyMs, moved !== null);
  }

  result(): BacktestResult {
    const perRule = [...this.#rules].map(([rule, effect]) => ({ rule, effect }));
    const newest = [...this.#examples.values()].flat().sort((a, b) => (a.id < b.id ? 1 : -1));
    return {
      effect: this.#effect,
      notEvaluable: this.#notEvaluable,
      perRule,
      latency: this.#latency.result(),
      sample: newest.slice(0, MOST_EXAMPLES),
    };
  }

  #decide(call: LoggedCall, was: LoggedOutcome): Decision | null {
    // The pause was the operator's doing, not the policy's.
    if (was.rule === 'paused') return overridden(this.policy, 'paused');
    const { facts, judge } = replay(call);
    return this.#again.decide(facts, judge);
  }

  #effectOf(rule: string): Effect {
    const effect = this.#rules.get(rule) ?? new Effect();
    this.#rules.set(rule, effect);
    return effect;
  }

  #keep({
    call,
    was,
    decision,
    cost,
  }: {
    call: LoggedCall;
    was: LoggedOutcome;
    decision: Decision;
    cost: number;
  }): void {
    const kind = `${was.lane} ${was.rule}\n${decision.rule}`;
    const kept = this.#examples.get(kind) ?? [];
    this.#examples.set(kind, kept);
    const { id, arrivedAt, model } = call;
    kept.push({ id, arrivedAt, model, logged: was, proposed: decision, proposedCost: cost });
    if (kept.length > MOST_OF_KIND) kept.shift();
  }
}
