import type { Audited } from '@/lib/core/audited';

export const ACTION_TEXT: Readonly<Record<Audited, string>> = {
  'key.create': 'Key created',
  'key.revoke': 'Key revoked',
  'key.restore': 'Revocation taken back',
  'price.add': 'Price added',
  'policy.publish': 'Policy published',
  'policy.pause': 'Everything to sync',
  'policy.resume': 'Policy in force again',
  'operator.create': 'Operator created',
  'operator.delete': 'Operator deleted',
  'probes.set': 'Probes set',
  'view.share': 'View shared',
  'view.delete': 'Shared view deleted',
  'bill.import': 'Bill imported',
  'bill.delete': 'Imported bill deleted',
  'session.login': 'Logged in',
};
