import { invalid } from './api-error';
import { isObject, type JsonObject, objectsIn } from './json-value';
import { bindsThinking, type CatalogModel } from './model-catalog';
import { hash53 } from './seeded-random';

/**
 * Signature of a thinking block: opaque to the caller, and enough to tell a changed text, and for models that bind
 * their thinking another account or model.
 */
export function signThinking(seed: number, organization: string, model: CatalogModel, thinking: string): string {
  const payload = `${model.id}.${hash53(organization).toString(36)}.${hash53(thinking).toString(36)}`;
  return Buffer.from(`Eq1.${payload}.${seal(seed, payload)}`).toString('base64');
}

function seal(seed: number, payload: string): string {
  return hash53(`signature|${seed}|${payload}`).toString(36);
}

/** Checks every thinking block that the caller sends back (Extended thinking page). @throws ApiError 400 */
export function checkThinkingBlocks(body: JsonObject, seed: number, organization: string, model: CatalogModel): void {
  if (!Array.isArray(body.messages)) return;
  for (const [index, message] of body.messages.entries()) {
    if (!isObject(message) || message.role !== 'assistant') continue;
    for (const [at, block] of objectsIn(message.content).entries()) {
      if (block.type === 'thinking' && !isGenuine(block, seed, organization, model)) {
        throw invalid(`messages.${index}.content.${at}: Invalid \`signature\` in \`thinking\` block`);
      }
    }
  }
}

function isGenuine(block: JsonObject, seed: number, organization: string, model: CatalogModel): boolean {
  const text = Buffer.from(String(block.signature ?? ''), 'base64').toString();
  const parts = /^Eq1\.((.+)\.([a-z0-9]+)\.([a-z0-9]+))\.([a-z0-9]+)$/.exec(text);
  if (parts === null) return false;
  const [, payload = '', madeBy, madeFor, thinkingHash, mac] = parts;
  if (mac !== seal(seed, payload)) return false;
  // Thinking that was omitted from the answer comes back empty.
  if (block.thinking !== '' && hash53(String(block.thinking)).toString(36) !== thinkingHash) return false;
  return !bindsThinking(model) || (madeBy === model.id && madeFor === hash53(organization).toString(36));
}
