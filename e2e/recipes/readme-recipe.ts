import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRODUCT } from '@/e2e/process/ensure-build';

/** The code of the README's block that a `recipe: NAME` comment stands before. */
export function readmeRecipe(name: string): string {
  const readme = readFileSync(join(PRODUCT, 'README.md'), 'utf8');
  const [, ...blocks] = readme.split(`<!-- recipe: ${name} -->\n`);
  const code = /^```\w+\n(.*?)^```$/ms.exec(blocks[0] ?? '')?.[1];
  if (blocks.length !== 1 || code === undefined) throw new Error(`the README has no single recipe named ${name}`);
  return code;
}

/** A recipe as its reader would fill it in. */
export function filledIn(recipe: string, { origin, key }: { origin: string; key: string }): string {
  return recipe.replaceAll('http://127.0.0.1:3000', origin).replaceAll('opk_…', key);
}
