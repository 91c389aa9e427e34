/** Being signed out from elsewhere, and deleting the account: in a real browser. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { freshNumber } from '../client.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', () => {
  const shared = shareBrowser();

  async function openSettings(page: Page, number: string): Promise<void> {
    await signIn(page, number);
    await page.goto(`${shared.product.url}/app/settings`);
    await page.getByText('This device').waitFor();
  }

  it('says that the device was signed out from elsewhere, and deletes drafts', { timeout: 60_000 }, async () => {
    const number = freshNumber();
    await using here = await visit(shared.browser, shared.product.url);
    await signIn(here.page, number);
    await here.page.getByRole('textbox', { name: 'Message' }).fill('Written, not sent');
    await using there = await visit(shared.browser, shared.product.url);
    await openSettings(there.page, number);
    await there.page.getByRole('button', { name: /^Sign out Chrome/ }).click();
    await here.page.getByRole('status').getByText('This device was signed out.').waitFor();
    expect(await here.page.evaluate('Object.keys(localStorage).filter((key) => key.includes("draft"))')).toEqual([]);
    await signIn(here.page, number);
    await here.page.getByRole('textbox', { name: 'Message' }).waitFor();
  });

  it('does not say so to a user who signs out', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await openSettings(page, freshNumber());
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('textbox', { name: 'Phone number' }).waitFor();
    expect(await page.getByText('This device was signed out.').count()).toBe(0);
  });

  it('deletes the account with a code, with the keyboard only, in every tab', { timeout: 60_000 }, async () => {
    const number = freshNumber();
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await openSettings(page, number);
    const other = await visitor.context.newPage();
    await other.goto(`${shared.product.url}/app/`);
    await other.getByRole('textbox', { name: 'Message' }).waitFor();

    await page.getByRole('button', { name: 'Delete account' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
    await dialog.getByText('without refund').waitFor();
    await dialog.getByRole('button', { name: 'Send code' }).press('Enter');
    const use = dialog.getByRole('button', { name: /^Use code \d{6}$/ });
    const code = (await use.innerText()).replace('Use code ', '');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('code');
    const remove = dialog.getByRole('button', { name: 'Delete account' });
    expect(await remove.isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: 'Code' }).fill(code === '000000' ? '000001' : '000000');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('4 guesses are left').waitFor();
    await use.press('Enter');
    await remove.press('Enter');
    await page.getByRole('heading', { name: 'Your account is deleted' }).waitFor();
    await other.getByRole('heading', { name: 'Your account is deleted' }).waitFor();
    expect(await page.evaluate('localStorage.getItem("pollux.session")')).toBe(null);

    await page.getByRole('link', { name: 'Sign in with a new account' }).press('Enter');
    await signIn(page, number);
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
  });

  it('keeps the account when the dialog is closed', { timeout: 60_000 }, async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await openSettings(page, freshNumber());
    await page.getByRole('button', { name: 'Delete account' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Send code' }).click();
    await dialog.getByRole('button', { name: /^Use code/ }).click();
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count()).toBe(0);
    await expect.poll(() => page.evaluate<string>('document.activeElement.textContent')).toBe('Delete account');
    await page.reload();
    await page.getByText('This device').waitFor();
  });

  it.each(['light', 'dark'] as const)(
    'fits 320 px from right to left without a barrier that axe finds, %s',
    { timeout: 60_000 },
    async (colorScheme) => {
      const narrow = { colorScheme, bypassCSP: true, locale: 'en-GB', viewport: { width: 320, height: 700 } };
      await using visitor = await visit(shared.browser, shared.product.url, narrow);
      const { page } = visitor;
      await openSettings(page, freshNumber());
      await page.getByRole('combobox', { name: 'Language' }).selectOption('ar');
      await page.getByRole('button', { name: 'حذف الحساب' }).click();
      await page.getByRole('button', { name: 'إرسال الرمز' }).click();
      await page.getByRole('button', { name: /^استخدام الرمز/ }).click();
      await check();
      await page.getByRole('dialog').getByRole('button', { name: 'حذف الحساب' }).click();
      await page.getByRole('heading', { name: 'حُذف حسابك' }).waitFor();
      await check();

      async function check(): Promise<void> {
        expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
        expect(await barriersOn(page)).toEqual([]);
      }
    },
  );
});
