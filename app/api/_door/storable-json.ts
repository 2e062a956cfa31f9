/** The same value with a stand-in for every half of a surrogate pair, which Postgres takes in no JSON. */
export function storableJson(value: unknown): unknown {
  const text = JSON.stringify(value ?? null);
  const whole = text.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, (all, half) => (half ? '\\ufffd' : all));
  return JSON.parse(whole) as unknown;
}
