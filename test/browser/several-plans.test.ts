/** Several plans for sale: each is bought by its own price, and changed to another one in Stripe's portal. */
import { Stripe } from 'stripe';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { catalogFile } from '../catalog-file.ts';
import { freshNumber } from '../client.ts';
import { anyPlace, startProduct, type RunningProduct } from '../harness.ts';
import { freePort } from '../redis-server.ts';
import { goodCatalog } from '../start/bad-catalogs.ts';
import { deliverTo, sellThrough } from '../subscriptions/shop.ts';
import { barriersOn } from './barriers.ts';
import { canBrowse, signIn, startBrowser, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 60_000 }, () => {
  const stack = new AsyncDisposableStack();
  let stripe: FakeStripe;
  let product: RunningProduct;
  let browser: Awaited<ReturnType<typeof startBrowser>>;

  beforeAll(async () => {
    stripe = stack.use(await startFakeStripe({ automatic: true }));
    const month = stripe.createPrice({ unitAmount: 500 });
    const max = stripe.createPrice({ unitAmount: 2000 });
    const year = await new Stripe(stripe.secretKey, stripe.clientConfig).prices.create({
      currency: 'usd',
      product: month.product,
      unit_amount: 5000,
      recurring: { interval: 'year' },
    });
    const [free, plus, best] = goodCatalog.plans;
    const plans = [free, { ...plus, stripe_prices: [month.id, year.id] }, { ...best, stripe_prices: [max.id] }];
    const place = stack.use(await anyPlace());
    // Stripe redirects to this URL, so that it must be known before the start.
    const environment = {
      ...sellThrough(stripe),
      STRIPE_PRO_PRICE_ID: '',
      CATALOG: catalogFile({ ...goodCatalog, plans }),
      PORT: String(await freePort()),
    };
    [product, browser] = await Promise.all([startProduct(place, { environment }), startBrowser()]);
    stack.use(product);
    stack.defer(() => browser.close());
    deliverTo(stripe, product.url);
  });
  afterAll(() => stack.disposeAsync());

  const card = (page: Page, name: string) =>
    page.locator('section').filter({ has: page.getByRole('heading', { name, exact: true }) });

  it('offers each plan by each of its prices to who has none', async () => {
    await using visitor = await visit(browser, `${product.url}/app/plans`);
    const { page } = visitor;
    await signIn(page);
    await card(page, 'Plus').getByText('$50', { exact: true }).waitFor();
    await card(page, 'Max').getByRole('button', { name: 'Upgrade to Max' }).waitFor();
    await card(page, 'Plus').getByRole('button', { name: 'Plus, paid monthly' }).waitFor();
    await card(page, 'Plus').getByRole('button', { name: 'Plus, paid yearly' }).click();
    await page.waitForURL((address) => address.href.startsWith(stripe.url));
    await page.getByText('50.00').first().waitFor();
  });

  it.each(['light', 'dark'] as const)('leads a subscriber to the portal, and nobody else, %s', async (colorScheme) => {
    const number = freshNumber();
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    await using visitor = await visit(browser, `${product.url}/app/plans`, { ...phone, colorScheme, bypassCSP: true });
    const { page } = visitor;
    await signIn(page, number);
    await card(page, 'Plus').getByRole('button', { name: 'Plus, paid monthly' }).click();
    await page.waitForURL((address) => address.href.startsWith(stripe.url));
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.waitForURL((address) => address.href.startsWith(product.url));
    await page.getByText(/^Renews on /).waitFor();
    const change = card(page, 'Max').getByRole('button', { name: 'Change to Max' });
    await change.waitFor();
    expect(await card(page, 'Free').getByRole('button').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await barriersOn(page)).toEqual([]);
    await change.click();
    await page.waitForURL((address) => address.href.startsWith(stripe.url) && address.pathname.startsWith('/p/'));
  });
});
