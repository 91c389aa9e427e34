/** Barriers that axe finds on a page (WCAG 2.2 and best practices). */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** Those that depend on colours, in which alone the dark theme differs. */
const ofColours = ['color-contrast', 'link-in-text-block'];

/** The rule and the beginning of the element for each; empty if there is none. All rules in light, those of colours in dark. */
export async function barriersOn(page: Page): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const isDark = await page.evaluate<boolean>(`matchMedia('(prefers-color-scheme: dark)').matches`);
  // Pages have no frames of other origins, for which alone axe would open another page.
  const { violations } = await (isDark ? axe.withRules(ofColours) : axe).setLegacyMode().analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}
