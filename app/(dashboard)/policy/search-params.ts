import { parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs';

export const TABS = ['rules', 'json', 'try', 'versions'] as const;
export type Tab = (typeof TABS)[number];

export const policyParams = {
  tab: parseAsStringLiteral(TABS).withDefault('rules'),
  /** Two versions to compare: from, to. */
  a: parseAsInteger,
  b: parseAsInteger,
  /** A logged request to explain. */
  request: parseAsString,
};
