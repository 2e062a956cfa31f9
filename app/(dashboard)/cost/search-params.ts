import { createParser } from 'nuqs';
import { COST_GROUPS } from '@/lib/core/cost-groups';
import { TAG_NAME } from '@/lib/core/tags';

const isGroup = (by: string) =>
  (COST_GROUPS as readonly string[]).includes(by) || (by.startsWith('tag.') && TAG_NAME.test(by.slice(4)));

const parseAsGroup = createParser({
  parse: (text: string) => (isGroup(text) ? text : null),
  serialize: (by: string) => by,
});

/** How spend is split. */
export const costParams = {
  by: parseAsGroup.withDefault('model'),
};
