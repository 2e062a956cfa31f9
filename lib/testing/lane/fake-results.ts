import type { FakeBatch, FakeItem } from './fake-batch';
import type { FakeFaults } from './fake-faults';
import { messageOf } from './fake-message';
import type { SimRandom } from './sim-random';

/** A batch's results as they are read this time: in any order, and with whatever goes wrong. */
export function spoiledResults(
  batch: FakeBatch,
  faults: FakeFaults,
  random: SimRandom,
): { text: string; isBroken: boolean } {
  const lines = shuffled(batch.items.map(lineOf), random);
  const odd = (share: number, spoil: (at: number) => void) => {
    if (random.chance(share)) spoil(random.between(0, lines.length - 1));
  };
  odd(faults.resultsOdd, (at) => lines.push(lines[at] ?? ''));
  // Never the first line: by that one a batch is known.
  odd(faults.resultsOdd, (at) => lines.splice(at + 1, 0, lineOf(FOREIGN)));
  odd(faults.resultsOdd, (at) => lines.splice(at + 1, 0, ''));
  odd(faults.resultsOdd, (at) => lines.splice(at, 1, '{"custom_id":"x","result":{"type":"unheard_of"}}'));
  if (batch.spoilt === 'malformed') lines.splice(-1, 1, 'not json');
  if (batch.spoilt === 'missing') lines.pop();
  const text = `${lines.join('\n')}${random.chance(0.9) ? '\n' : ''}`;
  if (random.chance(faults.resultsCut)) return { text: `${lines.slice(0, -1).join('\n')}\n`, isBroken: false };
  if (random.chance(faults.resultsCut)) return { text: text.slice(0, random.between(0, text.length)), isBroken: false };
  return { text, isBroken: random.chance(faults.resultsBreak) };
}

const FOREIGN: FakeItem = { customId: 'else-1', marker: 'foreign', outcome: 'succeeded', messageId: 'msg_else' };

function lineOf({ customId, marker, outcome, messageId }: FakeItem): string {
  return JSON.stringify({ custom_id: customId, result: resultOf(outcome, messageId, marker) });
}

function resultOf(outcome: FakeItem['outcome'], messageId: string, marker: string): object {
  switch (outcome) {
    case 'succeeded':
      return { type: 'succeeded', message: messageOf(messageId, marker, 'batch') };
    case 'invalid':
    case 'overloaded': {
      const type = outcome === 'invalid' ? 'invalid_request_error' : 'overloaded_error';
      return { type: 'errored', error: { type: 'error', error: { type, message: marker }, request_id: null } };
    }
    default:
      return { type: outcome };
  }
}

function shuffled<T>(items: readonly T[], random: SimRandom): T[] {
  const rest = [...items];
  const mixed: T[] = [];
  while (rest.length > 0) mixed.push(...rest.splice(random.between(0, rest.length - 1), 1));
  return mixed;
}
