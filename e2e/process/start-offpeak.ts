import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdminApi } from './admin-api';
import { Child, type Exit, removeAtExit } from './child';
import { endOrphanPostgres } from './end-orphan-postgres';
import { ensureBuild, PRODUCT } from './ensure-build';
import { waitFor } from './wait-for';

export type Env = Readonly<Record<string, string | undefined>>;

export interface OffpeakOptions {
  env?: Env;
  /** An existing data folder, which stays; by default one of its own that goes with it. */
  dataDir?: string;
  uid?: number;
  gid?: number;
}

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
const ADMIN_TOKEN = 'opt_e2e-admin-token-of-this-run';
const API_KEY = 'opk_e2e-client-key-of-this-run-0';

/** The product, as `npm start` runs it, in a process and a data folder of its own. */
export class Offpeak {
  /** Known to every start of this instance; see `env`. */
  readonly adminToken: string;
  readonly apiKey: string;
  origin = '';
  /** Of the last start, with the order of stdout. */
  lines: string[] = [];
  /** ms from spawning to the last line. */
  startMs = 0;
  #child: Child | null = null;
  #said = '';

  constructor(
    readonly dataDir: string,
    private readonly ownsFolder: boolean,
    private readonly options: OffpeakOptions,
  ) {
    this.adminToken = options.env?.OFFPEAK_ADMIN_TOKEN ?? ADMIN_TOKEN;
    this.apiKey = options.env?.OFFPEAK_API_KEY ?? API_KEY;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Everything that all starts of this instance said on stderr. */
  get stderr(): string {
    return this.#said + (this.#child?.stderr ?? '');
  }

  get stdout(): string {
    return this.#child?.stdout ?? '';
  }

  get exit(): Exit | null {
    return this.#child?.exit ?? null;
  }

  get api(): AdminApi {
    return new AdminApi(this.origin, this.adminToken);
  }

  /** Spawns it and returns without waiting for anything. */
  launch(env: Env = {}): Child {
    this.#said = this.stderr;
    const { uid, gid } = this.options;
    this.#child = new Child({
      args: ['--import', 'tsx', 'lib/server/main.ts'],
      cwd: PRODUCT,
      env: {
        PORT: '0',
        OFFPEAK_DATA_DIR: this.dataDir,
        OFFPEAK_ADMIN_TOKEN: this.adminToken,
        OFFPEAK_API_KEY: this.apiKey,
        ...this.options.env,
        ...env,
      },
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    return this.#child;
  }

  /** @throws with what it said on stderr when it ends instead of becoming ready. */
  async start(env: Env = {}): Promise<this> {
    const startedAt = performance.now();
    const child = this.launch(env);
    await waitFor(
      'Offpeak to be ready',
      () => {
        if (child.exit) return true;
        const [first = ''] = child.stdout.split('\n');
        return first.startsWith('Offpeak ready on ') && child.stdout.endsWith('\n');
      },
      START_TIMEOUT_MS,
    );
    if (child.exit) throw new Error(`Offpeak did not start: ${JSON.stringify(child.exit)}\n${child.stderr}`);
    this.startMs = performance.now() - startedAt;
    this.lines = child.stdout.trimEnd().split('\n');
    this.origin = this.lines[0]?.replace('Offpeak ready on ', '') ?? '';
    return this;
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals): Promise<Exit> {
    if (!this.#child) throw new Error('it was never started');
    const child = this.#child;
    const exited = child.kill(signal);
    return waitFor('Offpeak to end', () => child.exit ?? null, STOP_TIMEOUT_MS).then(() => exited);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.signal(signal);
  }

  /** Ends it as an operator would and starts it again on the same data. */
  async restart(env: Env = {}): Promise<this> {
    if (this.exit === null) await this.kill('SIGTERM');
    return this.start(env);
  }

  /** Ends it, however it stands, with its database and its folder. May be called twice. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child && child.exit === null) {
      child.signal('SIGTERM');
      await waitFor('Offpeak to end', () => child.exit !== null, STOP_TIMEOUT_MS).catch(() => child.kill('SIGKILL'));
    }
    if (!this.ownsFolder) return;
    await endOrphanPostgres(this.dataDir);
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

const started = new Set<Offpeak>();

/** An instance that is not running yet. */
export async function newOffpeak(options: OffpeakOptions = {}): Promise<Offpeak> {
  await ensureBuild();
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'offpeak-e2e-')));
  if (options.dataDir === undefined) removeAtExit(dataDir);
  const offpeak = new Offpeak(dataDir, options.dataDir === undefined, options);
  started.add(offpeak);
  return offpeak;
}

export async function startOffpeak(options: OffpeakOptions = {}): Promise<Offpeak> {
  return (await newOffpeak(options)).start();
}

/** For `afterAll`: ends every Offpeak that this test file started. */
export async function stopEveryOffpeak(): Promise<void> {
  const all = [...started];
  started.clear();
  await Promise.all(all.map((offpeak) => offpeak.stop()));
}
