import { dollars } from '@/e2e/fleet/fleet-flags';
import { formatUsd } from '@/lib/core/money';
import type { Terminal } from './terminal';

export interface Agreement {
  apiKey: string;
  capPico: bigint;
}

/**
 * Asks for a key and a cap, says what is going to happen and what it can cost, and wants a yes.
 * @returns `null`: no real call may be made.
 * @throws FlagError for a cap that is none.
 */
export async function agreeToSpend(
  terminal: Terminal,
  { what, worstPico, capPico }: { what: string; worstPico: bigint; capPico: bigint | null },
): Promise<Agreement | null> {
  terminal.say(what);
  const apiKey = await terminal.ask(
    'API key of Anthropic (it is not shown, not stored, and not taken from the environment): ',
    {
      isSecret: true,
    },
  );
  if (!apiKey) return refused(terminal, 'No key was given');
  if (!/^[\x21-\x7e]{8,512}$/.test(apiKey)) return refused(terminal, 'That is no API key');
  const cap = capPico ?? (await askForCap(terminal));
  if (cap === null) return refused(terminal, 'No cap was given');
  const worst = worstPico < cap ? worstPico : cap;
  terminal.say(
    `If every call were as dear as it can be, this would cost $${rounded(worstPico)}. It never costs more than $${rounded(worst)}: the worst of a call is set aside before it is sent, and what the cap does not leave is not sent.`,
  );
  const answer = await terminal.ask('Spend real money on this? Type yes: ');
  return answer === 'yes' ? { apiKey, capPico: cap } : refused(terminal, 'It was not confirmed');
}

async function askForCap(terminal: Terminal): Promise<bigint | null> {
  const text = await terminal.ask('Spending cap in USD, such as 2.50: ');
  return text ? dollars(text.replace(/^\$/, '')) : null;
}

function refused(terminal: Terminal, why: string): null {
  terminal.say(`${why}; nothing was sent.`);
  return null;
}

function rounded(pico: bigint): string {
  // Up to the cent: a bound is never told too low.
  return formatUsd(((pico + 9_999_999_999n) / 10_000_000_000n) * 10_000_000_000n);
}
