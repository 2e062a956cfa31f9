import type { NewKey } from '@/lib/store/keys';

/** A key with nothing set, to be given a name and a secret. */
export const PLAIN_KEY: Omit<NewKey, 'name' | 'secretHmac' | 'prefix' | 'last4'> = {
  toleranceMs: null,
  tags: {},
  batch: true,
  store: true,
  patienceMs: null,
  monthlyBudgetPico: null,
  upstream: 'default',
  createdBy: 'test',
};
