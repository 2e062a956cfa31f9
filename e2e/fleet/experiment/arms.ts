/** The ways that the same agents' calls are answered, in the order of the report. */
export const ARMS = ['sync', 'one-by-one', 'by-window', 'all-batch', 'offpeak'] as const;
export type ArmId = (typeof ARMS)[number];

export const ARM_TITLES: Readonly<Record<ArmId, { name: string; about: string }>> = {
  sync: { name: 'All sync', about: 'no batches: every call goes to the API as it is' },
  'one-by-one': { name: 'One batch per call', about: 'a batch and a poller of its own for every call' },
  'by-window': {
    name: 'Fixed window',
    about: 'calls are pooled for a fixed time, whatever their model, deadline or prompt cache',
  },
  'all-batch': { name: 'Offpeak, all batched', about: 'a policy that sends every call down the batch lane' },
  offpeak: {
    name: 'Offpeak, shipped policy',
    about: 'what a fresh Offpeak does: batch what said that it can wait, and only if it pays',
  },
};
