/** Everything that an operator can change. */
export const AUDITED = [
  'key.create',
  'key.revoke',
  'key.restore',
  'price.add',
  'policy.publish',
  'policy.pause',
  'policy.resume',
  'operator.create',
  'operator.delete',
  'probes.set',
  'view.share',
  'view.delete',
  'bill.import',
  'bill.delete',
  'session.login',
] as const;
export type Audited = (typeof AUDITED)[number];
