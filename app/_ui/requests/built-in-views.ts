/** Views of the request list that everyone has: name and filters. They keep the page's range. */
export const BUILT_IN_VIEWS = [
  ['Errors', 'status=failed&status=refused&status=interrupted'],
  ['Escalated', 'lane=batch&served=sync'],
  ['Slowest batches', 'lane=batch&served=batch&order=latency'],
  ['Most expensive', 'order=cost'],
] as const;
