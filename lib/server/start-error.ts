const brand = Symbol.for('offpeak.start-error');

/**
 * Ends a start. The message is one sentence for the person at the terminal: what is wrong and what to do.
 *
 * Recognise it with {@link isStartError}: the process holds two copies of every module of lib, so `instanceof` lies.
 */
export class StartError extends Error {
  readonly [brand] = true;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}

/** Whether `error` is a {@link StartError} of any copy of this module. */
export function isStartError(error: unknown): error is StartError {
  return typeof error === 'object' && error !== null && brand in error;
}
