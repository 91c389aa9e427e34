/** Signing in, the daily limit, buying Pro, settings, offline, by keyboard and on a phone: in a real browser. */
import { describe, expect, it } from 'vitest';
import { freshNumber } from '../client.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', () => {
  const shared = shareBrowser({ environment: { BASIC_DAILY_LIMIT: '2' } });

  it('asks a visitor to sign in and continues to the requested page', async () => {
    await using visitor = await visit(shared.browser, `${shared.product.url}/app/plans`);
    const { page } = visitor;
    await page.waitForURL(/\/app\/sign-in\?next=/);
    await signIn(page);
    await page.waitForURL(/\/app\/plans$/);
    await page.getByRole('heading', { name: 'Pro', exact: true }).waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  it('does not redirect to another site after signing in', async () => {
    await using visitor = await visit(shared.browser, `${shared.product.url}/app/sign-in?next=https://example.com/`);
    await signIn(visitor.page);
    expect(new URL(visitor.page.url()).origin).toBe(new URL(shared.product.url).origin);
  });

  it('accepts a pasted number, explains a wrong code, and stays signed in after a reload', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await page.getByRole('textbox', { name: 'Phone number' }).fill(' +1 (415) 555-2671 ');
    await page.getByRole('button', { name: 'Continue' }).click();
    const use = page.getByRole('button', { name: /^Use code/ });
    const code = (await use.innerText()).replace('Use code ', '');
    await page.getByRole('textbox', { name: 'Code' }).fill(code === '000000' ? '000001' : '000000');
    await page
      .getByRole('alert')
      .getByText(/4 guesses are left/)
      .waitFor();
    await use.click();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await page.reload();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  it('signs in automatically with the code that the phone reads from the SMS', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    // As the browser of a phone does: https://developer.mozilla.org/docs/Web/API/WebOTP_API
    await page.addInitScript(() => {
      const asked: unknown[] = [];
      const get = (options: unknown) =>
        new Promise((resolve) => {
          asked.push(options);
          Object.assign(globalThis, { askedForCode: asked, arrive: (code: string) => resolve({ code }) });
        });
      Object.assign(globalThis, { OTPCredential: Object });
      Object.defineProperty(navigator, 'credentials', { value: { get } });
    });
    await page.reload();
    await page.getByRole('textbox', { name: 'Phone number' }).fill(freshNumber());
    await page.getByRole('button', { name: 'Continue' }).click();
    const offered = await page.getByRole('button', { name: /^Use code \d{6}$/ }).textContent();
    await page.evaluate(
      (code) => (globalThis as unknown as { arrive(code: string): void }).arrive(code),
      /\d{6}/.exec(offered!)![0],
    );
    await page.waitForURL(({ pathname }) => !pathname.endsWith('/sign-in'));
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
  });

  it('signs out within a second after the session was ended elsewhere', async () => {
    const number = freshNumber();
    await using here = await visit(shared.browser, shared.product.url);
    await signIn(here.page, number);
    await using there = await visit(shared.browser, shared.product.url);
    await signIn(there.page, number);
    await there.page.getByRole('button', { name: 'Account' }).click();
    await there.page.getByRole('menuitem', { name: 'Settings' }).click();
    await there.page.getByRole('button', { name: /^Sign out Chrome/ }).click();
    await here.page.waitForURL(/\/app\/sign-in/, { timeout: 3000 });
    await there.page.getByText('This device').waitFor();
  });

  it('shows the limit, when it resets and that the draft is kept, and sells Pro', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page);
    await ask(page, 'One');
    await page.waitForURL(/\/app\/c\/\d+$/);
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await page.getByText('1 of 2 messages left today.').waitFor();
    await ask(page, 'Two');
    await page.getByText('0 of 2 messages left today.').waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await ask(page, 'Three, a question to keep');
    const dialog = page.getByRole('dialog', { name: 'Daily limit reached' });
    await dialog.waitFor();
    expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('Three, a question to keep');
    await dialog.getByRole('button', { name: 'Upgrade to Pro' }).click();
    await page.getByRole('button', { name: 'Upgrade to Pro' }).click();
    await page.waitForURL((address) => address.href.startsWith(shared.product.stripe.url), { waitUntil: 'commit' });
  });

  it('reports a missing network, keeps the draft, and recovers automatically', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page, context } = visitor;
    await signIn(page);
    await context.setOffline(true);
    await page.getByText(/offline/).waitFor();
    await ask(page, 'Written without a network');
    expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('Written without a network');
    await context.setOffline(false);
    await expect.poll(() => page.getByText(/offline/).count()).toBe(0);
    await page.getByRole('textbox', { name: 'Message' }).press('Enter');
    await page.getByRole('article', { name: 'Pollux' }).getByText('[1]').waitFor();
  });

  it('can be used with the keyboard only', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await page.getByRole('textbox', { name: 'Phone number' }).waitFor();
    await page.keyboard.type(freshNumber());
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Use code/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Message');
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await page.getByRole('article', { name: 'Pollux' }).getByText('[1]').waitFor();
    await page.getByRole('button', { name: 'Account' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/app\/plans$/);
  });

  it('fits a phone: chats are in a drawer and nothing is wider than the screen', async () => {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    await using visitor = await visit(shared.browser, shared.product.url, phone);
    const { page } = visitor;
    await signIn(page);
    await ask(page, 'On a phone');
    await page.getByRole('article', { name: 'Pollux' }).getByText('[1]').waitFor();
    const chats = page.getByRole('navigation', { name: 'Chats' });
    expect(await chats.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Open the menu' }).click();
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.waitForURL(/\/app\/$/);
    await expect.poll(() => chats.isVisible()).toBe(false);
    const wider = 'document.documentElement.scrollWidth > innerWidth';
    for (const path of ['/app/', '/app/plans', '/app/settings']) {
      await page.goto(shared.product.url + path);
      await page.getByRole('heading').first().waitFor();
      expect(await page.evaluate(wider), path).toBe(false);
    }
  });
});
