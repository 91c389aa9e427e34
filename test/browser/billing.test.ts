/** Buying Pro, a failed payment, paying it, cancelling and resubscribing, in a browser with a fake Stripe. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { anyPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { freePort } from '../redis-server.ts';
import { deliverTo, sellThrough } from '../subscriptions/shop.ts';
import { canBrowse, signIn, startBrowser, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 90_000 }, () => {
  let browser: Browser;
  let stripe: FakeStripe;
  let place: Place;
  let product: RunningProduct;

  beforeAll(async () => {
    [stripe, place, browser] = await Promise.all([startFakeStripe({ automatic: true }), anyPlace(), startBrowser()]);
    // Stripe redirects to this URL, so that it must be known before the start.
    product = await startProduct(place, { environment: { ...sellThrough(stripe), PORT: String(await freePort()) } });
    deliverTo(stripe, product.url);
  });

  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    await stripe?.[Symbol.asyncDispose]();
    await place?.[Symbol.asyncDispose]();
  });

  /** Opens the portal from the plans page, presses its buttons, and returns to the plans. */
  async function inPortal(page: Page, opener: string, ...buttons: readonly RegExp[]): Promise<void> {
    await page.getByRole('button', { name: opener }).click();
    await page.waitForURL((address) => address.href.startsWith(stripe.url));
    for (const name of buttons) await page.getByRole('button', { name }).click();
    await page.getByRole('link', { name: 'Back to the shop' }).click();
    await page.waitForURL((address) => address.href.startsWith(product.url));
    await page.goto(`${product.url}/app/plans`);
  }

  it("sells Pro at Stripe's price, and shows when it renews", async () => {
    await using visitor = await visit(browser, `${product.url}/app/plans`);
    const { page } = visitor;
    await signIn(page);
    await page.getByText('$9.99').waitFor();
    await page.getByText('a month').waitFor();
    stripe.deliveries.endpoints.length = 0;
    await page.getByRole('button', { name: 'Upgrade to Pro' }).dblclick();
    await page.waitForURL((address) => address.href.startsWith(stripe.url));
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.waitForURL(/\/app\/plans\?checkout=success/);
    // The server has not received the event yet.
    await page.getByText('Confirming your payment').waitFor();
    deliverTo(stripe, product.url);
    await stripe.deliveries.deliver(stripe.events('checkout.session.completed').at(-1)!.id);
    await page.getByText('Thank you. Pro is yours.').waitFor();
    await page.getByText(/^Renews on /).waitFor();
    await page.waitForURL(/\/app\/plans$/);
  });

  it('shows a due payment on every page, cancels Pro with a date, and resubscribes', async () => {
    await using visitor = await visit(browser, `${product.url}/app/plans`);
    const { page } = visitor;
    await signIn(page);
    await page.getByRole('button', { name: 'Upgrade to Pro' }).click();
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.getByText(/^Renews on /).waitFor();

    await inPortal(page, 'Manage plan', /^Fail next renewal/, /^Renew now/);
    const notice = page.getByRole('alert').getByText('The last payment did not go through.');
    await notice.waitFor();
    await page.getByRole('button', { name: 'New chat' }).click();
    await notice.waitFor();
    await inPortal(page, 'Pay now', /^Pay what is owed/);
    await expect.poll(() => notice.count()).toBe(0);

    await inPortal(page, 'Manage plan', /^Cancel at period end/);
    await page.getByText(/^Ends on \d+ \w+ \d{4}/).waitFor();
    await inPortal(page, 'Keep Pro', /^Resume/);
    await page.getByText(/^Renews on /).waitFor();
    expect(visitor.complaints).toEqual([]);
  });
});
