import { parseAsArrayOf, parseAsNativeArrayOf, parseAsString, parseAsStringLiteral } from 'nuqs';
import { AUDITED } from '@/lib/core/audited';

export const auditParams = {
  action: parseAsArrayOf(parseAsStringLiteral(AUDITED)).withDefault([]),
  actor: parseAsNativeArrayOf(parseAsString),
  object: parseAsString.withDefault(''),
};
