import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { newSecret } from '@/lib/secrets';
import { explainFileError } from './postgres/data-dir';
import { StartError } from './start-error';

const DataSecrets = z.object({ secretKey: z.string().min(16), adminToken: z.string().min(16) });
export type DataSecrets = z.infer<typeof DataSecrets>;

/**
 * What was generated once for this data folder: the root of all derived keys and the admin's token. Written whole
 * (rename) and readable by the owner only.
 * @throws StartError when the file cannot be read, or is not ours.
 */
export async function loadDataSecrets(dataDir: string): Promise<DataSecrets> {
  const path = join(dataDir, 'secrets.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explainFileError(error, path);
    const made = { secretKey: newSecret('ops_'), adminToken: newSecret('opt_') };
    await writeFile(`${path}.new`, JSON.stringify(made), { mode: 0o600 }).catch((e) =>
      Promise.reject(explainFileError(e, path)),
    );
    await rename(`${path}.new`, path);
    return made;
  }
  try {
    return DataSecrets.parse(JSON.parse(text));
  } catch {
    throw new StartError(
      `${path} is damaged; restore it, or remove it to make new secrets (API keys and logins end then).`,
    );
  }
}
