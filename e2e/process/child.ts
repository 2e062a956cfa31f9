import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

export interface ChildOptions {
  args: readonly string[];
  cwd: string;
  /** The whole environment, but for what any program needs. */
  env: Readonly<Record<string, string | undefined>>;
  uid?: number;
  gid?: number;
}

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const living = new Set<ChildProcess>();
const folders = new Set<string>();

// Tests stop what they start; this is for the run that is broken off.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Has the folder removed at the latest when the test process ends. */
export function removeAtExit(folder: string): void {
  folders.add(folder);
}

/** A Node process with everything that it has said so far. */
export class Child {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  exit: Exit | null = null;
  #stdout = '';
  #stderr = '';
  readonly #process: ChildProcess;

  constructor({ args, cwd, env, uid, gid }: ChildOptions) {
    const { PATH, HOME, TMPDIR, LANG } = process.env;
    const child = spawn(process.execPath, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, HOME, TMPDIR, LANG, NODE_ENV: 'production', ...env } as NodeJS.ProcessEnv,
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    this.#process = child;
    this.pid = child.pid ?? 0;
    living.add(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.exited = new Promise((resolve) => {
      // Not `exit`: what it said last may still be on its way.
      child.once('close', (code, signal) => {
        living.delete(child);
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Sends a signal, and answers how the process ended. */
  kill(signal: NodeJS.Signals): Promise<Exit> {
    this.#process.kill(signal);
    return this.exited;
  }

  /** Sends a signal that does not have to end the process. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}
