/** Rating answers: set, changed, removed, on every device, and restored if it cannot be saved. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { freshNumber } from '../client.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 60_000 }, () => {
  const shared = shareBrowser();

  const good = (page: Page) => page.getByRole('button', { name: 'Good answer' });
  const bad = (page: Page) => page.getByRole('button', { name: 'Bad answer' });
  const pressed = async (page: Page) => [
    await good(page).getAttribute('aria-pressed'),
    await bad(page).getAttribute('aria-pressed'),
  ];

  it('shows a rating on every device, after a reload too, and removes it', async () => {
    const number = freshNumber();
    await using here = await visit(shared.browser, shared.product.url);
    await signIn(here.page, number);
    await ask(here.page, 'Worth a rating');
    await good(here.page).waitFor();
    await using there = await visit(shared.browser, here.page.url());
    await signIn(there.page, number);
    await good(there.page).waitFor();
    expect(await pressed(there.page)).toEqual(['false', 'false']);

    await good(here.page).click();
    await expect.poll(() => pressed(there.page)).toEqual(['true', 'false']);
    await good(here.page).press('Tab');
    await here.page.keyboard.press('Enter');
    await expect.poll(() => pressed(there.page)).toEqual(['false', 'true']);
    await here.page.reload();
    await expect.poll(() => pressed(here.page)).toEqual(['false', 'true']);
    await bad(there.page).click();
    await expect.poll(() => pressed(here.page)).toEqual(['false', 'false']);
    expect([...here.complaints, ...there.complaints]).toEqual([]);
  });

  it('keeps the last of several quick ratings, and the previous one if it cannot be saved', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page);
    await ask(page, 'Rate me quickly');
    await good(page).waitFor();
    for (const button of [good(page), bad(page), good(page), good(page), bad(page)]) await button.click();
    await expect.poll(() => pressed(page)).toEqual(['false', 'true']);
    await page.route('**/feedback', (route) => route.abort());
    await good(page).click();
    await page.getByText('Your rating was not saved.').waitFor();
    await expect.poll(() => pressed(page)).toEqual(['false', 'true']);
  });

  it('fits a narrow phone beside the other actions', async () => {
    const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true, bypassCSP: true };
    await using visitor = await visit(shared.browser, shared.product.url, phone);
    const { page } = visitor;
    await signIn(page);
    await ask(page, 'On a phone');
    await good(page).tap();
    await page.getByRole('button', { name: 'Regenerate' }).tap();
    await page.getByText('2 / 2').waitFor();
    await good(page).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect((await good(page).boundingBox())!.height).toBeGreaterThan(38);
    expect(await barriersOn(page)).toEqual([]);
  });
});
