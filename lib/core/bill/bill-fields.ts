import type { PicoUsd } from '@/lib/core/money';

/** Why an export cannot be read, and where in it: `line 4, cost_usd` or `data[0].results[2].amount`. */
export interface BillFault {
  at: string;
  message: string;
}

/** Thrown and caught inside this folder: what reads a field must not ask after each whether it went well. */
export class BillFaultError extends Error {
  constructor(readonly fault: BillFault) {
    super(fault.message);
  }
}

export function refuse(at: string, message: string): never {
  throw new BillFaultError({ at, message });
}

/** `2026-11-27` or a moment: the UTC day. */
export function dayOf(value: unknown, at: string): string {
  if (typeof value === 'string') {
    const text = value.trim();
    const parsed = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
    if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(parsed.getTime())) {
      const day = parsed.toISOString().slice(0, 10);
      // JavaScript takes the 31st of November for the 1st of December.
      if (text.length > 10 || day === text) return day;
    }
  }
  return refuse(at, `${shown(value)} is no day such as 2026-11-27`);
}

/** A count of tokens; absent is none. */
export function countOf(value: unknown, at: string): number {
  if (value === null || value === undefined || value === '') return 0;
  const number = typeof value === 'number' ? value : Number(String(value).replaceAll(',', '').trim());
  if (Number.isSafeInteger(number) && number >= 0) return number;
  return refuse(at, `${shown(value)} is no whole number of tokens`);
}

const DECIMAL = /^(-?)(\d{1,12})(?:\.(\d*))?$/;

/** A decimal amount, `digits` of which after the point make a picodollar; beyond them it is rounded half up. */
export function amountOf(value: unknown, digits: number, at: string): PicoUsd {
  const text = typeof value === 'number' ? plain(value) : typeof value === 'string' ? value.trim() : '';
  const match = DECIMAL.exec(text.replace(/^(-?)\$/, '$1'));
  if (!match) return refuse(at, `${shown(value)} is no decimal amount`);
  const [, sign, whole = '0', fraction = ''] = match;
  const kept = fraction.slice(0, digits).padEnd(digits, '0');
  const up = (fraction[digits] ?? '0') >= '5' ? 1n : 0n;
  const pico = BigInt(whole + kept) + up;
  return sign ? -pico : pico;
}

function plain(value: number): string {
  return Number.isFinite(value) ? value.toFixed(12) : '';
}

const TIERS: Readonly<Record<string, string>> = { message: 'standard', messages: 'standard', api: 'standard' };

/** What the API calls `service_tier` and the Console `usage_type`. */
export function tierOf(value: unknown): string {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return text.includes('batch') ? 'batch' : (TIERS[text] ?? text).slice(0, 40);
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
