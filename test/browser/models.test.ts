/** Choosing the model, and showing which one answered. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { catalogFile } from '../catalog-file.ts';
import { freshNumber } from '../client.ts';
import { sqlOf } from '../sql.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 90_000 }, () => {
  // The catalog names the prices.
  const shared = shareBrowser({ environment: { CATALOG: catalogFile(), STRIPE_PRO_PRICE_ID: '' } });

  const setTier = (number: string, tier: string) =>
    sqlOf(shared.product.running)(`update users set tier = $2 where mobile_number = $1`, [number, tier]);

  const picker = (page: Page, label: string) => page.getByRole('button', { name: `Model: ${label}` });

  async function choose(page: Page, from: string, to: string): Promise<void> {
    await picker(page, from).click();
    await page.getByRole('menuitemradio', { name: to }).click();
  }

  async function signInAs(page: Page, number: string, tier: string): Promise<void> {
    await signIn(page, number);
    await setTier(number, tier);
    await page.reload();
  }

  it('uses the chosen model on every device, and shows it with each answer', async () => {
    const number = freshNumber();
    await using here = await visit(shared.browser, shared.product.url);
    const { page } = here;
    await signInAs(page, number, 'Plus');
    await choose(page, 'Fast', 'Deep');
    await picker(page, 'Deep').waitFor();
    await ask(page, 'A deep question');
    await page.getByRole('article', { name: 'Pollux, Deep' }).getByText('Deep', { exact: true }).waitFor();
    await using there = await visit(shared.browser, page.url());
    await signIn(there.page, number);
    await picker(there.page, 'Deep').waitFor();
    await choose(there.page, 'Deep', 'Fast');
    await picker(page, 'Fast').waitFor();
    await ask(page, 'A quick one');
    await there.page.getByRole('article', { name: 'Pollux, Fast' }).getByText('Fast', { exact: true }).waitFor();
    expect([...here.complaints, ...there.complaints]).toEqual([]);
  });

  it('reports that another model answered', async () => {
    const number = freshNumber();
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signInAs(page, number, 'Plus');
    await choose(page, 'Fast', 'Deep');
    await ask(page, 'Deep first');
    await page.getByRole('article', { name: 'Pollux, Deep' }).waitFor();
    await setTier(number, 'Free');
    await page.reload();
    await picker(page, 'Fast').waitFor();
    await ask(page, 'Deep again');
    await page.getByText('Deep was not available, so Fast answered.').waitFor();
    await page.reload();
    await page.getByText('Deep was not available, so Fast answered.').waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('links to the plans from a model of another plan, %s', async (colorScheme) => {
    const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
    await using visitor = await visit(shared.browser, shared.product.url, { ...phone, colorScheme, bypassCSP: true });
    const { page } = visitor;
    await signIn(page);
    await picker(page, 'Fast').tap();
    await page.getByRole('menuitemradio', { name: 'Fast', checked: true }).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await page.getByRole('menuitemradio', { name: 'Deep · another plan' }).tap();
    await page.waitForURL(/\/app\/plans$/);
  });
});
