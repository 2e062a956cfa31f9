/**
 * Turns many small asks into few large ones: what comes while one run is under way goes together with the next. An ask
 * alone is run at once; when a run of several fails, each is tried by itself, so that one bad ask fails alone.
 */
export function gather<A, R>(run: (asks: readonly A[]) => Promise<readonly R[]>, most: number): (ask: A) => Promise<R> {
  type Waiting = { ask: A; resolve(answer: R): void; reject(error: unknown): void };
  const waiting: Waiting[] = [];
  let isRunning = false;

  const answer = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const answers = await run(group.map(({ ask }) => ask));
      group.forEach(({ resolve }, i) => {
        resolve(answers[i] as R);
      });
    } catch (error) {
      const [only] = group;
      if (group.length === 1) only?.reject(error);
      else await Promise.all(group.map((one) => answer([one])));
    }
  };
  const next = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) await answer(waiting.splice(0, most));
    isRunning = false;
  };
  return (ask) =>
    new Promise((resolve, reject) => {
      waiting.push({ ask, resolve, reject });
      if (!isRunning) void next();
    });
}
