import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const Running = z.object({ pid: z.number().int(), origin: z.string(), databaseUrl: z.string() });
/** What another command of the same data folder (such as a new login link) needs to reach the running Offpeak. */
export type Running = z.infer<typeof Running>;

const path = (dataDir: string) => join(dataDir, 'running.json');

export async function writeRunning(dataDir: string, running: Running): Promise<void> {
  await writeFile(path(dataDir), JSON.stringify(running), { mode: 0o600 });
}

export async function clearRunning(dataDir: string): Promise<void> {
  await rm(path(dataDir), { force: true });
}

/** `null` when no Offpeak runs on this data folder. */
export async function readRunning(dataDir: string): Promise<Running | null> {
  const text = await readFile(path(dataDir), 'utf8').catch(() => null);
  if (text === null) return null;
  const parsed = Running.safeParse(JSON.parse(text));
  if (!parsed.success) return null;
  try {
    process.kill(parsed.data.pid, 0);
  } catch {
    return null;
  }
  return parsed.data;
}
