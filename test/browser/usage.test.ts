/** The page of the user's usage: charts, and the same numbers as a table. */
import { describe, expect, it } from 'vitest';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 60_000 }, () => {
  const shared = shareBrowser();

  it.each(['light', 'dark'] as const)('shows the days as charts and as a table, %s', async (colorScheme) => {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    await using visitor = await visit(shared.browser, shared.product.url, { ...phone, colorScheme, bypassCSP: true });
    const { page } = visitor;
    await signIn(page);
    await ask(page, 'One message');
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    await page.goto(`${shared.product.url}/app/usage`);
    const chart = page.getByRole('img', { name: 'Messages by day. The numbers are in the table below.' });
    await chart.waitFor();
    await expect.poll(() => page.locator('canvas').count()).toBe(2);
    await page.getByText('As a table').click();
    const today = page.getByRole('row').nth(1);
    await expect.poll(() => today.getByRole('cell').first().innerText()).toBe('1');
    expect(Number(await today.getByRole('cell').nth(2).innerText())).toBeGreaterThan(0);
    expect(await page.getByRole('row').count()).toBe(31);
    await page.getByRole('combobox', { name: 'Period' }).selectOption('Last 7 days');
    await expect.poll(() => page.getByRole('row').count()).toBe(8);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await barriersOn(page)).toEqual([]);
  });

  it('obeys the security policy of the page', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page);
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Usage' }).click();
    await expect.poll(() => page.locator('canvas').count()).toBe(2);
    expect(visitor.complaints).toEqual([]);
  });
});
