import { signIn } from '@/app/_data/session';
import type { SessionAnswer } from '@/lib/contract/session';

let last: { code: string; answer: Promise<SessionAnswer> } | null = null;

/**
 * Redeems the code of the address' hash, once, and takes it out of the address and the history. `null`: there is none.
 * A code works once, and React may run an effect twice: the second run gets the first one's answer.
 */
export function redeemHash(): Promise<SessionAnswer> | null {
  const code = window.location.hash.slice(1);
  if (code === '') return last?.answer ?? null;
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  if (last?.code !== code) last = { code, answer: signIn({ code }) };
  return last.answer;
}
