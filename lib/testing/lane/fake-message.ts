export interface Tokens {
  input: number;
  output: number;
}

/** Every call has token counts of its own, so that a cost booked to another is noticed. */
export function tokensOf(marker: string): Tokens {
  const n = Number(/\d+/.exec(marker)?.[0] ?? 0);
  return { input: 10 + 2 * n, output: 100 + 4 * n };
}

/** A Message that says what it was asked. */
export function messageOf(id: string, marker: string, tier: 'standard' | 'batch'): object {
  const { input, output } = tokensOf(marker);
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: marker }],
    stop_reason: 'end_turn',
    usage: { input_tokens: input, output_tokens: output, service_tier: tier },
  };
}
