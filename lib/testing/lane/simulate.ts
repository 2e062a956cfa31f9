import { PACING, type Pacing } from '@/lib/lane/pacing';
import { drawFaults } from './fake-faults';
import { FakeUpstream } from './fake-upstream';
import { MemoryLaneDatabase } from './memory-lane-database';
import { MemoryLaneStore } from './memory-lane-store';
import { SimCaller } from './sim-caller';
import { SimLaws } from './sim-laws';
import { SimMachine, SimProcess, type SimWorld } from './sim-process';
import { SimRandom } from './sim-random';
import { SimTime } from './sim-time';

/** What happened in one run, for who wants to know what the runs reach. */
export type SimReport = Record<string, number>;

/** A law was broken. The seed makes it happen again. */
export class SimulationFault extends Error {
  constructor(seed: number, faults: readonly string[], trace: readonly string[]) {
    super([`seed ${seed}: ${faults.join('\n')}`, ...trace.slice(-400)].join('\n'));
    this.name = 'SimulationFault';
  }
}

const START = Date.UTC(2026, 10, 22, 12);
/** A batch's 24 hours, here. */
const EXPIRY_MS = 150_000;
/** Faults are off by then; and this long after everything must be over. */
const DRAIN_MS = 1_800_000;

/**
 * One run of the batch lane in the manner of TigerBeetle's VOPR: lane processes, their store, upstream, callers, disk and
 * time in one thread; whatever can go wrong does, as the seed draws it; then nothing goes wrong any more, and all must
 * come to its end. The laws are checked all along.
 * @throws SimulationFault naming the seed; with `trace`, also what happened.
 */
export async function simulate(seed: number, options: { trace?: boolean } = {}): Promise<SimReport> {
  const trace: string[] = [];
  try {
    return await new Simulation(seed, options.trace ? trace : null).run();
  } catch (error) {
    if (!options.trace && error instanceof SimulationFault) return simulate(seed, { trace: true });
    throw error;
  }
}

class Simulation {
  readonly #time = new SimTime(START);
  readonly #world: SimWorld;
  readonly #laws: SimLaws;
  readonly #callers: SimCaller[] = [];
  readonly #machines: SimMachine[];
  readonly #processes = new Map<SimMachine, SimProcess>();
  #incarnations = 0;
  #isCalm = false;

  constructor(
    private readonly seed: number,
    private readonly lines: string[] | null,
  ) {
    const random = new SimRandom(seed);
    const time = this.#time;
    const db = new MemoryLaneDatabase();
    const pacing = drawPacing(random);
    this.#machines = Array.from({ length: random.between(1, 3) }, (_, i) => new SimMachine(`m${i + 1}`));
    const upstream = new FakeUpstream({
      time,
      random,
      faults: drawFaults(random),
      expiryMs: EXPIRY_MS,
      mostHiddenMs: pacing.absentMs - 2_000,
      onCreate: (batch) => this.#laws.onCreate(batch),
      onMessage: (marker) => this.#laws.onMessage(marker),
      onCancel: (batch) => this.#laws.onCancel(batch),
      hasCredential: (credential) => !credential.startsWith('own:') || db.credentials.has(credential),
      trace: (text) => this.#trace(text),
      break: (text) => this.#laws.break(text),
    });
    this.#world = {
      time,
      random,
      db,
      pacing,
      upstream,
      store: new MemoryLaneStore(db, 1, time.now),
      faults: {
        crash: random.chance(0.5) ? random.next() * 0.1 : 0,
        storeSlow: random.chance(0.5) ? random.next() * 0.3 : 0,
        storeFails: random.chance(0.4) ? random.next() * 0.05 : 0,
      },
      tickMs: [random.between(100, 400), random.between(400, 1_500)],
      trace: (text) => this.#trace(text),
      onCrash: ({ machine }) => {
        const downMs = random.chance(0.1) ? random.between(20_000, 90_000) : random.between(200, 20_000);
        time.after(this.#isCalm ? 200 : downMs, () => this.#start(machine));
      },
      onTurn: (process) => this.#laws.onTurn(process),
    };
    this.#laws = new SimLaws(this.#world, this.#callers);
  }

  async run(): Promise<SimReport> {
    const { time, random } = this.#world;
    const spanMs = random.between(5_000, 60_000);
    for (const machine of this.#machines) time.after(random.between(0, 2_000), () => this.#start(machine));
    this.#planCallers(spanMs);
    this.#planTrouble(spanMs);
    time.after(spanMs, () => this.#calmDown());
    const isDrained = await time.run(
      START + spanMs + DRAIN_MS,
      () => this.#isCalm && this.#isOver(),
      () => this.#check(false),
    );
    if (!isDrained) this.#laws.break(`nothing drains: ${this.#laws.whatIsLeft()}`);
    this.#check(true);
    return this.#laws.report;
  }

  #isOver(): boolean {
    return this.#callers.every(({ state }) => state !== 'calling') && this.#laws.isDrained();
  }

  #check(isEnd: boolean): void {
    if (isEnd) this.#laws.checkEnd();
    else this.#laws.check();
    if (this.#laws.broken.length > 0) throw new SimulationFault(this.seed, this.#laws.broken, this.lines ?? []);
  }

  #start(machine: SimMachine): void {
    if (this.#processes.get(machine)?.isAlive) return;
    this.#processes.set(machine, new SimProcess(this.#world, machine, ++this.#incarnations));
  }

  #planCallers(spanMs: number): void {
    const { time, random } = this.#world;
    const credentials = ['key:a', 'key:a', 'key:b', 'own:c'].slice(0, random.between(1, 4));
    const groups = ['small', 'large'].slice(0, random.between(1, 2));
    const [windowMs, toleranceMs] = [random.between(0, 6_000), random.between(10_000, 150_000)];
    const share = () => random.next() ** 2;
    const [patient, hangsUp, escalates, twins] = [share(), share(), 1 - share(), share()];
    const count = random.between(1, 14);
    for (let n = 1; n <= count; n++) {
      const at = random.between(0, spanMs - 1_000);
      const plan = {
        marker: `call-${n}`,
        credential: random.pick(credentials),
        group: random.pick(groups),
        maxItems: random.chance(0.3) ? random.between(1, 3) : 1_000,
        windowMs,
        toleranceMs: Math.round(toleranceMs * (0.2 + random.next())),
        syncNeedMs: random.chance(escalates) ? random.between(1_000, 6_000) : null,
        patienceMs: random.chance(patient) ? random.between(1_000, 20_000) : null,
        hangsUpMs: random.chance(hangsUp) ? random.between(0, 30_000) : null,
        noticedMs: random.chance(0.2) ? random.between(0, 15_000) : random.between(0, 200),
        comesBack: random.chance(0.7),
        retriesFailures: random.chance(0.3) ? 2 : 0,
      };
      for (let copy = random.chance(twins) ? 2 : 1; copy > 0; copy--) {
        const caller = new SimCaller(
          this.#world,
          plan,
          () => [...this.#processes.values()],
          (text) => this.#laws.break(text),
        );
        this.#callers.push(caller);
        time.after(at + random.between(0, 300), () => caller.call());
      }
    }
  }

  #planTrouble(spanMs: number): void {
    const { time, random, upstream, pacing } = this.#world;
    const some = (most: number, act: () => void) => {
      const count = random.chance(0.5) ? random.between(0, most) : 0;
      for (let i = 0; i < count; i++) time.after(random.between(0, spanMs), act);
    };
    const anyProcess = () => this.#processes.get(random.pick(this.#machines));
    some(4, () => anyProcess()?.pause(random.between(100, random.pick([1, 4, 9]) * pacing.leaseMs)));
    some(3, () => anyProcess()?.kill('by itself'));
    some(6, () => upstream.createForeign(random.pick(['key:a', 'key:b']), random.between(1, 4)));
  }

  /** From here on nothing goes wrong any more. */
  #calmDown(): void {
    this.#trace('— calm —');
    this.#isCalm = true;
    this.#world.faults = { crash: 0, storeSlow: 0, storeFails: 0 };
    this.#world.tickMs = [1_000, 6_000];
    this.#world.upstream.calm();
  }

  #trace(text: string): void {
    this.lines?.push(`${((this.#time.now() - START) / 1_000).toFixed(3)} ${text}`);
  }
}

/** The real relations of the pacing, at about a third of its times; some seeds have narrow limits. */
function drawPacing(random: SimRandom): Pacing {
  return {
    ...PACING,
    leaseMs: 10_000,
    startPostMs: 1_700,
    postMs: 10_000,
    absentMs: 30_000,
    densestPollMs: 500,
    sparsestPollMs: 3_000,
    missingMs: 20_000,
    lostMs: 200_000,
    collectAgainMs: [500, 5_000],
    collectTries: random.chance(0.2) ? 3 : 10,
    hungMs: 40_000,
    mostEscalations: random.chance(0.3) ? random.between(1, 3) : 64,
    lateMs: 20_000,
    graceMs: 7_000,
    reattachMs: 40_000,
    mostBatchItems: random.chance(0.3) ? random.between(1, 4) : 100_000,
    mostBatchBytes: random.chance(0.2) ? random.between(100, 400) : PACING.mostBatchBytes,
  };
}
