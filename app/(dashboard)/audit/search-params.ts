import { parseAsArrayOf, parseAsStringLiteral } from 'nuqs';
import { AUDITED } from '@/lib/core/audited';

export const auditParams = { action: parseAsArrayOf(parseAsStringLiteral(AUDITED)).withDefault([]) };
