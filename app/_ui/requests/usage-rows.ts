export interface UsageRow {
  name: string;
  value: number | string;
}

/** Every leaf of upstream's usage object by its path: fields that appear tomorrow are shown tomorrow. */
export function usageRows(usage: Readonly<Record<string, unknown>>, path = ''): UsageRow[] {
  return Object.entries(usage).flatMap(([name, value]) => {
    const full = path ? `${path}.${name}` : name;
    if (typeof value === 'number' || typeof value === 'string') return [{ name: full, value }];
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return usageRows(value as Record<string, unknown>, full);
    }
    return [];
  });
}
