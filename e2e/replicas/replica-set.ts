import { AdminApi } from '@/e2e/process/admin-api';
import type { Exit } from '@/e2e/process/child';
import { ensureBuild } from '@/e2e/process/ensure-build';
import { newOffpeak, type Offpeak } from '@/e2e/process/start-offpeak';
import { freePort } from '@/lib/server/postgres/free-port';
import { type Simulator, type SimulatorOptions, startSimulator } from '@/lib/simulator/start-simulator';
import { emptyDatabase, type TestDatabase } from '@/lib/testing/test-database';
import { Balancer } from './balancer';

export interface ReplicaSetOptions {
  simulator?: SimulatorOptions;
  env?: Readonly<Record<string, string>>;
  /** Where the replicas find the database, if not directly. */
  databaseUrl?(direct: string): string;
}

/** One Offpeak process, and where it listens itself: what it calls its origin is the balancer's. */
export interface Replica {
  process: Offpeak;
  port: number;
  origin: string;
  api: AdminApi;
}

/**
 * Offpeak processes on one database behind one balancer, as someone would run them on several machines. The database is
 * empty at first: whoever starts makes its tables.
 */
export class ReplicaSet {
  readonly replicas: Replica[] = [];

  private constructor(
    readonly simulator: Simulator,
    readonly database: TestDatabase,
    readonly balancer: Balancer,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async start(options: ReplicaSetOptions = {}): Promise<ReplicaSet> {
    await ensureBuild();
    const simulator = await startSimulator({ quiet: true, ...options.simulator });
    const database = await emptyDatabase();
    const balancer = await Balancer.start();
    return new ReplicaSet(simulator, database, balancer, {
      DATABASE_URL: options.databaseUrl?.(database.url) ?? database.url,
      OFFPEAK_SECRET_KEY: 'root-secret-of-every-replica',
      OFFPEAK_PUBLIC_URL: balancer.origin,
      OFFPEAK_UPSTREAM_URL: simulator.url,
      ANTHROPIC_API_KEY: 'sim-key',
      OFFPEAK_DRAIN_SECONDS: '4',
      ...options.env,
    });
  }

  /** The dashboard's API as an operator reaches it: on whichever replica the balancer picks. */
  get api(): AdminApi {
    return new AdminApi(this.balancer.origin, this.replicas[0]?.process.adminToken ?? '');
  }

  get apiKey(): string {
    return this.replicas[0]?.process.apiKey ?? '';
  }

  /** One more, with a data folder and a port of its own. */
  async add(env: Readonly<Record<string, string>> = {}): Promise<Replica> {
    const port = await freePort(0);
    const process = await newOffpeak({ env: { ...this.env, PORT: String(port) } });
    const origin = `http://127.0.0.1:${port}`;
    const replica = { process, port, origin, api: new AdminApi(origin, process.adminToken) };
    this.replicas.push(replica);
    await process.start(env);
    this.balancer.add(port);
    return replica;
  }

  /** Ends it; that is for the balancer to find out. */
  end({ process }: Replica, signal: 'SIGKILL' | 'SIGTERM'): Promise<Exit> {
    return process.kill(signal);
  }

  /** Starts it again where it was, on the data folder that it had. */
  async revive({ process }: Replica, env: Readonly<Record<string, string>> = {}): Promise<void> {
    await process.start(env);
  }

  /** Through the balancer, as an operator would. */
  async publish(document: object): Promise<number> {
    const { version } = await this.api.get<{ version: number }>('/api/policy');
    const { status, body } = await this.api.call<{ version: number }>('PUT', '/api/policy', {
      baseVersion: version,
      document,
    });
    if (status !== 200) throw new Error(`the policy was refused: ${JSON.stringify(body)}`);
    return body.version;
  }

  /** After `stopEveryOffpeak`. */
  async close(): Promise<void> {
    await this.balancer.close();
    await this.simulator.close();
    await this.database.drop();
  }
}
