const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a of 32 bits, one step per UTF-16 unit (for ASCII: per byte); `from` continues an earlier hash. */
export function fnv1a(text: string, from = FNV_BASIS): number {
  let hash = from;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash >>> 0;
}

/**
 * An even draw for `text` from `0 … sides − 1`; the same on every process and in every version: rollouts and explored
 * calls must not change sides by an upgrade. FNV-1a leaves near texts near each other, so murmur3's finalizer follows.
 * @param seed hash of what the draw is for, so that two draws for one text are independent.
 */
export function stableDraw(seed: number, text: string, sides: number): number {
  let hash = fnv1a(text, seed);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % sides;
}
