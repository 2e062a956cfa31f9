import { type BrowserContext, expect } from '@playwright/test';

/**
 * Collects what no page of ours may do, whichever test it happens in: errors and warnings in the console, uncaught
 * errors, violations of the content security policy, dialogs, requests to another origin.
 */
export class PageWatch {
  readonly #faults: string[] = [];
  readonly #expected: RegExp[] = [];

  private constructor(private readonly origin: string) {}

  static async on(context: BrowserContext, origin: string): Promise<PageWatch> {
    const watch = new PageWatch(origin);
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        watch.#note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    context.on('weberror', (error) => watch.#note(`uncaught: ${error.error().stack}`));
    context.on('dialog', (dialog) => {
      watch.#note(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    context.on('request', (request) => {
      if (!watch.#isOurs(request.url())) watch.#note(`request to another origin: ${request.url()}`);
    });
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI}`);
      });
    });
    return watch;
  }

  /** Allows what a test provokes on purpose, such as the browser's own line about a 401. */
  expectFault(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  assertQuiet(): void {
    expect(this.#faults.filter((fault) => !this.#expected.some((pattern) => pattern.test(fault)))).toEqual([]);
  }

  #note(fault: string): void {
    this.#faults.push(fault);
  }

  #isOurs(url: string): boolean {
    const { protocol, origin } = new URL(url);
    return origin === this.origin || protocol === 'data:' || protocol === 'blob:' || protocol === 'about:';
  }
}
