import { type Env, newOffpeak, type OffpeakOptions } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';

export interface Refused {
  code: number | null;
  stdout: string;
  /** What stands on stderr beside log lines and the build's report. */
  sentences: string[];
}

/** Starts Offpeak where it must refuse, and answers how it ended. */
export async function refusedStart(env: Env, options: Omit<OffpeakOptions, 'env'> = {}): Promise<Refused> {
  const offpeak = await newOffpeak({ ...options, env });
  const child = offpeak.launch();
  await waitFor('the start to be refused', () => child.exit !== null || child.stdout !== '');
  const { stdout, stderr } = child;
  const code = child.exit?.code ?? null;
  await offpeak.stop();
  const sentences = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{') && !/^[✓▲ ]/u.test(line));
  return { code, stdout, sentences };
}
