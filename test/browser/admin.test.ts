/** The pages of administrators: people, queue, billing events, audit log and settings; other users do not see them. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { freshNumber } from '../client.ts';
import { sqlOf } from '../sql.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

const order = ['Fault', 'Warning', 'Fine'];

describe.skipIf(!canBrowse)('in Chromium', { timeout: 90_000 }, () => {
  const operator = freshNumber();
  const shared = shareBrowser({ environment: { ADMIN_MOBILE_NUMBERS: operator } });
  const open = (page: Page, path: string) => page.goto(`${shared.product.url}/app/admin${path}`);

  it('finds a person, grants a plan, blocks, leaves a row for each in the audit log, and deletes the account', async () => {
    const number = freshNumber();
    await using person = await visit(shared.browser, shared.product.url);
    await signIn(person.page, number);
    await using admin = await visit(shared.browser, shared.product.url);
    const { page } = admin;
    await signIn(page, operator);
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Administration' }).click();
    await page.getByRole('searchbox', { name: 'A number, a part of one, or an id' }).fill(number.slice(-6));
    await page.getByRole('link', { name: number }).click();
    await page.getByRole('heading', { name: number }).waitFor();
    await page.getByRole('combobox', { name: 'Granted plan' }).selectOption('Pro');
    // The user sees it at once.
    await person.page.getByRole('navigation', { name: 'Chats' }).getByText('Pro', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Block' }).click();
    await page.getByRole('dialog', { name: 'Block this account?' }).getByRole('button', { name: 'Block' }).click();
    await page.getByRole('button', { name: 'Unblock' }).waitFor();
    await person.page.waitForURL(/\/app\/sign-in/);
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('cell', { name: 'tier_changed' }).first().waitFor();
    await page.getByRole('cell', { name: /block/ }).first().waitFor();
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('link', { name: number }).click();
    await page.getByRole('button', { name: 'Delete account' }).click();
    const asked = page.getByRole('dialog', { name: `Delete the account ${number}?` });
    const remove = asked.getByRole('button', { name: 'Delete account' });
    await asked.getByRole('textbox', { name: "Type the account's number to confirm" }).fill(operator);
    expect(await remove.isDisabled()).toBe(true);
    await asked.getByRole('textbox').fill(number.slice(1));
    await remove.click();
    await page.getByText(`${number} is deleted.`).waitFor();
    await page.getByRole('searchbox').waitFor();
    await expect.poll(() => page.getByRole('link', { name: number }).count()).toBe(0);
    expect(admin.complaints).toEqual([]);
  });

  it('refuses to remove the last administrator, with an explanation', async () => {
    await using admin = await visit(shared.browser, shared.product.url);
    const { page } = admin;
    await signIn(page, operator);
    await open(page, '');
    await page.getByRole('link', { name: operator }).click();
    const role = page.getByRole('combobox', { name: 'Role' });
    await role.selectOption('user');
    await page.getByText('This is the only administrator.').waitFor();
    await expect.poll(() => role.inputValue()).toBe('admin');
  });

  it('shows the queue with its failures, billing events with replay and sync, settings without secrets, and what the doctor finds', async () => {
    await using admin = await visit(shared.browser, shared.product.url);
    const { page } = admin;
    await signIn(page, operator);
    await ask(page, 'Refuse this [[block]]');
    await page.getByText(/not counted/).waitFor();
    await open(page, '/queue');
    await page.getByRole('row', { name: /safety_blocked/ }).waitFor();
    await sqlOf(shared.product.running)(
      `insert into billing_events (event_id, type, customer_id, state)
       values ('evt_shown', 'invoice.paid', 'cus_shown', 'applied')`,
    );
    await open(page, '/billing');
    const replayed = page.waitForResponse((response) => response.url().endsWith('/replay'));
    await page.getByRole('button', { name: 'Apply again: evt_shown' }).click();
    expect((await replayed).status()).toBe(202);
    await page.getByRole('button', { name: 'Sync all customers from Stripe' }).click();
    await page.getByText(/^Customers to sync: \d+$/).waitFor();
    await open(page, '/settings');
    await page.getByRole('row', { name: /^STRIPE_SECRET_KEY/ }).waitFor();
    const provider = page.getByRole('row', { name: /^SMS_PROVIDER/ });
    expect(await provider.locator('code').allInnerTexts()).toEqual(['SMS_PROVIDER', 'console', 'twilio']);
    expect(await page.getByRole('table').innerText()).not.toContain('`');
    expect(await page.content()).not.toContain(shared.product.stripe.secretKey);
    await page.getByRole('link', { name: 'Health check' }).click();
    // Stripe's fake has no endpoint for events.
    const fault = page.getByRole('row', { name: /^webhook Fault/ });
    await fault.getByText(/^In Stripe's dashboard, have events sent to/).waitFor();
    const states = await page.getByRole('row').locator('td:first-of-type').allInnerTexts();
    expect(states).toEqual(states.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
    await page.getByRole('row', { name: /^database Fine PostgreSQL/ }).waitFor();
    expect(admin.complaints).toEqual([]);
  });

  it('draws what is used and what it costs, in the numbers of the ledger, and saves them', async () => {
    await using admin = await visit(shared.browser, shared.product.url);
    const { page } = admin;
    await signIn(page, operator);
    await ask(page, 'What does this cost?');
    await page.getByRole('link', { name: 'About What does this cost?' }).waitFor();
    await open(page, '/usage');
    await expect.poll(() => page.locator('canvas').count()).toBe(2);
    await page.getByRole('combobox', { name: 'Rows' }).selectOption('By model');
    const row = page.getByRole('row', { name: /^gemini/ });
    await row.waitFor();
    const [ledger] = await sqlOf(shared.product.running)<{ tokens: number }>(
      'select sum(prompt_tokens)::int as tokens from usage_entries',
    );
    const shown = await row.getByRole('cell').nth(7).innerText();
    expect(Number(shown.replaceAll(',', ''))).toBe(ledger!.tokens);
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download as CSV' }).click();
    const file = await saving;
    expect(file.suggestedFilename()).toBe('usage-by-model.csv');
    expect(readFileSync(await file.path(), 'utf8')).toMatch(/^model,cost_usd,messages,[^]*\r\ngemini/);
    expect(admin.complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('fits a phone without a barrier that axe finds, %s', async (colorScheme) => {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    await using admin = await visit(shared.browser, shared.product.url, { ...phone, colorScheme, bypassCSP: true });
    const { page } = admin;
    await signIn(page, operator);
    for (const path of ['', '/usage', '/queue', '/billing', '/audit', '/settings', '/doctor']) {
      await open(page, path);
      await page.getByRole('link', { name: 'People' }).waitFor();
      await expect.poll(() => page.getByRole('status').getByText('Loading').count()).toBe(0);
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(360);
      expect(await barriersOn(page), path).toEqual([]);
    }
    await open(page, '');
    await page.getByRole('link', { name: operator }).click();
    await page.getByRole('button', { name: 'Delete account' }).click();
    await page.getByRole('dialog').getByRole('textbox').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await barriersOn(page)).toEqual([]);
  });

  it('is not shown to other users', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page);
    await open(page, '/queue');
    await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
    await page.goto(`${shared.product.url}/app/`);
    await page.getByRole('button', { name: 'Account' }).click();
    expect(await page.getByRole('menuitem', { name: 'Administration' }).count()).toBe(0);
  });
});
