/** Everything that an operator can change. */
export const AUDITED = [
  'key.create',
  'key.revoke',
  'price.add',
  'policy.publish',
  'policy.pause',
  'policy.resume',
  'operator.create',
  'operator.delete',
  'probes.set',
  'session.login',
] as const;
export type Audited = (typeof AUDITED)[number];
