/** How a model is drawn, on every page alike: a hue of the palette, one of its shades, and a dash pattern. */
export interface Paint {
  hue: number;
  shade: number;
  /** `stroke-dasharray`; empty = solid. */
  dash: string;
}

/** A family keeps its hue, so a fleet that moves to the next version keeps its colours. */
const FAMILIES = ['sonnet', 'opus', 'haiku', 'fable', 'mythos'];
export const HUES = 8;
export const SHADES = 3;
const DASHES = ['', '6 3', '2 3', '9 3 2 3', '12 4', '4 2'];
/** Of each dash. Blocks have no dash: versions that are in use together (5.5, 5 and 4.6; 5, 5.1 and 5.2) differ here. */
const SHADE_OF_DASH = [0, 1, 0, 2, 1, 0];

const CLAUDE = /^claude-([a-z]+)-(\d{1,2})(?:-(\d{1,2}))?(?:-\d{8})?$/;

/**
 * A pure function of the name: the same on every page, for every reader, whatever else is in the range. Versions in use
 * (4.5 to 5.5) get six different pairs of shade and dash.
 */
export function modelPaint(model: string): Paint {
  const claude = CLAUDE.exec(model);
  const hue = FAMILIES.indexOf(claude?.[1] ?? '');
  if (hue >= 0) {
    const version = Number(claude?.[2]) * 10 + Number(claude?.[3] ?? 0);
    // 55 → 0: the newest version is the solid line in the family's base shade.
    return variant(hue, version + 5);
  }
  const hash = fnv1a(model);
  return variant(FAMILIES.length + (hash % (HUES - FAMILIES.length)), Math.floor(hash / HUES));
}

function variant(hue: number, n: number): Paint {
  const index = n % DASHES.length;
  return { hue, shade: SHADE_OF_DASH[index] ?? 0, dash: DASHES[index] ?? '' };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
