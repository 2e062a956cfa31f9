import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { test, visit } from './offpeak-test';
import type { View } from './pages';

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };

/** Both themes and both widths; a theme changes colours and nothing else. */
const LOOKS = [
  { viewport: WIDE, colorScheme: 'light' },
  { viewport: NARROW, colorScheme: 'dark' },
] as const;

const SERIOUS: readonly (string | null | undefined)[] = ['serious', 'critical'];

/** Serious and critical faults, one line each. */
async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  return violations
    .filter(({ impact }) => SERIOUS.includes(impact))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
}

/** The page itself never scrolls sideways; parts of it may. */
async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Judges what is open in every look, without loading it again: reachable for all, no wider than the screen. */
export async function judge(page: Page): Promise<void> {
  for (const { viewport, colorScheme } of LOOKS) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
    await expect.poll(() => overflow(page), `page width at ${viewport.width}`).toBe(0);
    // Who asked for reduced motion sees the other theme at once: nothing fades.
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    expect.soft(await faultsOf(page), `${colorScheme} at ${viewport.width}`).toEqual([]);
  }
}

/** Opens one view after the other in one window, which costs a third of a window each, and judges them all. */
export async function judgeAll(
  page: Page,
  views: readonly View[],
  alsoTrue: () => Promise<void> = async () => {},
): Promise<void> {
  for (const view of views) {
    await test.step(view.name, async () => {
      await page.setViewportSize(WIDE);
      await page.emulateMedia({ colorScheme: 'light' });
      await visit(page, view.path);
      await view.ready(page);
      await alsoTrue();
      await judge(page);
    });
  }
}
