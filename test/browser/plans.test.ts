/** The plans of a catalog, and the dialog when a budget is spent. */
import { describe, expect, it } from 'vitest';
import { catalogFile } from '../catalog-file.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 60_000 }, () => {
  // The catalog names the prices.
  const shared = shareBrowser({ environment: { CATALOG: catalogFile(), STRIPE_PRO_PRICE_ID: '' } });

  it.each(['light', 'dark'] as const)(
    "shows the contents of each plan, and marks the user's, %s",
    async (colorScheme) => {
      const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
      await using visitor = await visit(shared.browser, shared.product.url, { ...phone, colorScheme, bypassCSP: true });
      const { page } = visitor;
      await signIn(page);
      await page.goto(`${shared.product.url}/app/plans`);
      const card = (name: string) =>
        page.locator('section').filter({ has: page.getByRole('heading', { name, exact: true }) });
      await card('Free').getByRole('button', { name: 'Your plan' }).waitFor();
      await page.getByRole('meter', { name: 'This month' }).waitFor();
      await page.getByText(/^0% of the budget · starts again on 1 /).waitFor();
      await card('Free').getByText('Models: Fast', { exact: true }).waitFor();
      await card('Plus').getByText('100 messages a day').waitFor();
      await card('Plus').getByText('Models: Fast, Deep').waitFor();
      await card('Max').getByText('No daily limit').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      expect(await barriersOn(page)).toEqual([]);
    },
  );

  it('shows that little of the budget is left, and is refused at once when the service has none', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await page.route('**/subscribe/status', async (route) => {
      const response = await route.fetch();
      const plan = (await response.json()) as object;
      const budget = { used_percent: 84, resets_at: '2027-01-01T00:00:00.000Z' };
      await route.fulfill({ response, json: { ...plan, budget } });
    });
    await signIn(page);
    await page.getByText("84% of this month's budget is used.").waitFor();
    let asked = 0;
    await page.route('**/message', (route) => {
      asked += 1;
      return route.fulfill({ status: 503, json: { code: 'service_budget_reached', status: 503, detail: 'Tomorrow.' } });
    });
    await ask(page, 'Not today');
    await page.getByText('Tomorrow.').waitFor();
    expect(asked).toBe(1);
  });

  it('shows when a spent budget resets, keeps the draft, and names the next plan', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page);
    const refusal = { code: 'budget_reached', status: 429, detail: 'Spent.', upgrade_url: '/app/plans' };
    await page.route('**/message', (route) =>
      route.fulfill({ status: 429, json: { ...refusal, resets_at: '2027-01-01T12:00:00.000Z' } }),
    );
    await ask(page, 'A question to keep');
    const dialog = page.getByRole('dialog', { name: 'Monthly budget reached' });
    await dialog.getByText('It starts again on 1 January.').waitFor();
    expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('A question to keep');
    await dialog.getByRole('button', { name: 'Upgrade to Plus' }).click();
    await page.waitForURL(/\/app\/plans$/);
  });
});
