import { isObject, type JsonObject, objectsIn } from './json-value';
import type { SeededRandom } from './seeded-random';

const DEEPEST = 8;

/** A value that a JSON Schema accepts: required properties, first alternatives, bounds respected. */
export function sampleSchema(schema: unknown, random: SeededRandom): unknown {
  return sample(schema, random, isObject(schema) ? schema : {}, 0);
}

function sample(schema: unknown, random: SeededRandom, root: JsonObject, depth: number): unknown {
  if (!isObject(schema) || depth > DEEPEST) return {};
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return random.pick(schema.enum);
  if (schema.default !== undefined) return schema.default;
  if (typeof schema.$ref === 'string') return sample(resolve(schema.$ref, root), random, root, depth + 1);
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const) {
    const [first] = objectsIn(schema[key]);
    if (first !== undefined) return sample(first, random, root, depth + 1);
  }
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'string':
      return sampleString(schema, random);
    case 'integer':
    case 'number':
      return sampleNumber(schema, random);
    case 'boolean':
      return random.next() < 0.5;
    case 'null':
      return null;
    case 'array': {
      const length = Math.max(1, Number(schema.minItems ?? 1));
      return Array.from({ length }, () => sample(schema.items ?? { type: 'string' }, random, root, depth + 1));
    }
    default:
      return sampleObject(schema, random, root, depth);
  }
}

function sampleObject(schema: JsonObject, random: SeededRandom, root: JsonObject, depth: number): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : Object.keys(properties);
  return Object.fromEntries(
    required
      .filter((name) => Object.hasOwn(properties, name))
      .map((name) => [name, sample(properties[name], random, root, depth + 1)]),
  );
}

function sampleString(schema: JsonObject, random: SeededRandom): string {
  const known: Record<string, string> = {
    'date-time': '2026-11-22T10:00:00Z',
    date: '2026-11-22',
    time: '10:00:00Z',
    email: 'ada@example.com',
    uri: 'https://example.com/',
    uuid: '00000000-0000-4000-8000-000000000000',
  };
  const format = typeof schema.format === 'string' ? known[schema.format] : undefined;
  if (format !== undefined) return format;
  const text = `${random.pick(['alpha', 'harbor', 'linden', 'quartz', 'sable'])}-${random.integer(10, 99)}`;
  const padded = text.padEnd(Number(schema.minLength ?? 0), 'x');
  return padded.slice(0, Number(schema.maxLength ?? padded.length));
}

function sampleNumber(schema: JsonObject, random: SeededRandom): number {
  const from = Number(schema.minimum ?? Number(schema.exclusiveMinimum ?? 0) + 1);
  const to = Number(
    schema.maximum ?? (schema.exclusiveMaximum === undefined ? from + 40 : Number(schema.exclusiveMaximum) - 1),
  );
  return random.integer(Math.ceil(from), Math.max(Math.ceil(from), Math.floor(to)));
}

function resolve(ref: string, root: JsonObject): unknown {
  let at: unknown = root;
  for (const part of ref.replace(/^#\/?/, '').split('/')) {
    if (part === '') continue;
    at = isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  }
  return at;
}
