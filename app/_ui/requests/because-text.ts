const REASONS: Readonly<Record<string, string>> = {
  rule: 'The matched rule names this lane.',
  auto: 'The measured batch times fit this call’s tolerance, and batching saves enough.',
  explore: 'Sent to batch on purpose, to measure it.',
  no_tolerance: 'The call stated no tolerance for waiting.',
  not_measured: 'Too few batches of this model have been measured.',
  miss: 'A batch would too often have come back late.',
  saving: 'The expected saving was too small.',
  horizon: 'No time was left for a batch before a synchronous answer would have had to begin.',
  unpriced: 'No price is known for this model.',
  lane_down: 'The batch lane was not available.',
};

/** What `x-offpeak-because` means, as a sentence. */
export function becauseText(because: string): string {
  if (because.startsWith('ineligible:'))
    return `The call cannot be batched: ${because.slice(11).replaceAll('_', ' ')}.`;
  return REASONS[because] ?? because;
}
