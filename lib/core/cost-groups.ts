/** What spend can be split by, besides `tag.<name>`. */
export const COST_GROUPS = ['model', 'lane', 'key', 'rule'] as const;
