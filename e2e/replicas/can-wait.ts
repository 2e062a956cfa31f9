/** Who may wait two minutes goes to batch, gathered for so long; all others are answered at once. */
export function canWait(window: string) {
  return {
    rules: [
      {
        id: 'can-wait',
        name: 'Can wait',
        enabled: true,
        when: { field: 'tolerance', op: 'gte', value: '2m' },
        // biome-ignore lint/suspicious/noThenProperty: the policy document's own word
        then: { lane: 'batch', window },
      },
    ],
    default: { lane: 'sync' },
  };
}
