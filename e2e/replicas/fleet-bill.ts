import type { LedgerEntry } from '@/lib/simulator/ledger';
import type { Simulator } from '@/lib/simulator/start-simulator';
import { callOfPrompt } from './fleet-traffic';

/** What upstream was asked and paid for one call, by upstream's own records. */
export interface CallBill {
  /** Billed synchronous attempts. */
  sync: LedgerEntry[];
  /** Billed batch results. */
  batch: LedgerEntry[];
  /** Batches that upstream accepted with this call among their items. */
  items: number;
}

/** The simulator's ledger by call: nothing in it comes from Offpeak but the bodies that it sent. */
export function billByCall(simulator: Simulator): Map<number, CallBill> {
  const bills = new Map<number, CallBill>();
  const billOf = (call: number) => {
    const bill = bills.get(call) ?? { sync: [], batch: [], items: 0 };
    bills.set(call, bill);
    return bill;
  };
  const callOfRequest = new Map<string, number>();
  const callOfItem = new Map<string, number>();
  for (const { requestId, method, path, status, headers, body } of simulator.requests({ bodies: true })) {
    if (method !== 'POST') continue;
    const text = Buffer.from(body ?? '', 'base64').toString('utf8');
    if (path.startsWith('/v1/messages/batches')) {
      if (!/batches(\?|$)/.test(path) || status !== 200) continue;
      const { requests } = JSON.parse(text) as { requests: { custom_id: string; params: unknown }[] };
      for (const { custom_id: item, params } of requests) {
        const call = callOfPrompt(JSON.stringify(params));
        if (call === null) throw new Error(`upstream was sent an item of no call: ${item}`);
        callOfItem.set(item, call);
        billOf(call).items++;
      }
    } else {
      const call = callOfPrompt(text) ?? Number(new Map(headers).get('x-call') ?? Number.NaN);
      if (!Number.isNaN(call)) callOfRequest.set(requestId, call);
    }
  }
  for (const entry of simulator.ledger().entries) {
    if (!entry.billed) continue;
    const call =
      entry.kind === 'batch' ? callOfItem.get(entry.customId ?? '') : callOfRequest.get(entry.requestId ?? '');
    // What a test asks for besides its fleet is always sync.
    if (call === undefined && entry.kind === 'sync') continue;
    if (call === undefined) throw new Error(`upstream billed what no call asked for: ${JSON.stringify(entry)}`);
    billOf(call)[entry.kind].push(entry);
  }
  return bills;
}

export function sumPicoUsd(entries: readonly LedgerEntry[]): bigint {
  return entries.reduce((sum, { costPicoUsd }) => sum + BigInt(costPicoUsd ?? 0), 0n);
}
