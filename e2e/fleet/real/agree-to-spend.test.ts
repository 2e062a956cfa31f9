import { expect, it } from 'vitest';
import { agreeToSpend } from './agree-to-spend';
import type { Terminal } from './terminal';

const CENT = 10_000_000_000n;
const KEY = 'sk-ant-secret-of-this-test';

function scripted(...answers: (string | null)[]) {
  const said: string[] = [];
  const asked: { question: string; isSecret: boolean }[] = [];
  const terminal: Terminal = {
    say: (text) => void said.push(text),
    async ask(question, { isSecret = false } = {}) {
      asked.push({ question, isSecret });
      return answers.shift() ?? null;
    },
    close: () => undefined,
  };
  return { terminal, said, asked };
}
const plan = (capPico: bigint | null = null) => ({
  what: 'This asks 12 things.',
  worstPico: 512n * CENT + 1n,
  capPico,
});

it('a key, a cap and a yes are an agreement; the plan and the worst are told before the yes', async () => {
  const { terminal, said, asked } = scripted(KEY, '2.50', 'yes');
  expect(await agreeToSpend(terminal, plan())).toEqual({ apiKey: KEY, capPico: 250n * CENT });
  expect(asked.map(({ isSecret }) => isSecret)).toEqual([true, false, false]);
  expect(said[0]).toBe('This asks 12 things.');
  expect(said[1]).toContain('would cost $5.13. It never costs more than $2.5:');
  expect([...said, ...asked.map(({ question }) => question)].join()).not.toContain(KEY);
});

it('a cap that was given as a flag is not asked for', async () => {
  const { terminal, asked } = scripted(KEY, 'yes');
  expect(await agreeToSpend(terminal, plan(700n * CENT))).toMatchObject({ capPico: 700n * CENT });
  expect(asked).toHaveLength(2);
});

it.each<[string, (string | null)[], string]>([
  ['nobody there', [], 'No key was given; nothing was sent.'],
  ['no key', [''], 'No key was given; nothing was sent.'],
  ['a key with a space', ['sk ant key here'], 'That is no API key; nothing was sent.'],
  ['no cap', [KEY, ''], 'No cap was given; nothing was sent.'],
  ['no answer', [KEY, '1'], 'It was not confirmed; nothing was sent.'],
  ['a half-hearted answer', [KEY, '1', 'y'], 'It was not confirmed; nothing was sent.'],
])('%s: refused', async (_, answers, sentence) => {
  const { terminal, said } = scripted(...answers);
  expect(await agreeToSpend(terminal, plan())).toBeNull();
  expect(said.at(-1)).toBe(sentence);
});

it('a cap that is none is told', async () => {
  await expect(agreeToSpend(scripted(KEY, 'much').terminal, plan())).rejects.toThrow('The cap is an amount of USD');
});
