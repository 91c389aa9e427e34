/** Pinning and archiving chats, on every device. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { freshNumber } from '../client.ts';
import { sqlOf } from '../sql.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 90_000 }, () => {
  const shared = shareBrowser({ environment: { BASIC_DAILY_LIMIT: '1000' } });

  /** The sidebar in its order: headings and chats, whose names begin with "About". */
  const listed = async (page: Page) => {
    const all = await page.getByRole('navigation', { name: 'Chats' }).locator('section :is(h2, a)').allInnerTexts();
    return all.map((words) => words.replace('About ', ''));
  };
  const archived = (page: Page) => page.getByRole('list', { name: 'Archived chats' }).getByRole('link');

  const archivedNames = async (page: Page) =>
    (await archived(page).allInnerTexts()).map((words) => words.replace('About ', ''));

  async function choose(page: Page, room: string, item: string): Promise<void> {
    await page.getByRole('button', { name: `Actions for About ${room}`, exact: true }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  }

  async function openArchive(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Archived chats' }).click();
    await page.waitForURL(/\/app\/archived$/);
  }

  /** Asks each as the first question of a new chat. */
  async function askAll(page: Page, ...questions: readonly string[]): Promise<void> {
    for (const question of questions) {
      await page.getByRole('button', { name: 'New chat' }).click();
      await ask(page, question);
      await page.getByRole('link', { name: `About ${question}`, exact: true }).waitFor();
    }
  }

  it('shows pinned chats first, on every device, and the others below', async () => {
    const number = freshNumber();
    await using here = await visit(shared.browser, shared.product.url);
    await signIn(here.page, number);
    await askAll(here.page, 'One', 'Two', 'Three');
    await using there = await visit(shared.browser, shared.product.url);
    await signIn(there.page, number);
    await expect.poll(() => listed(there.page)).toEqual(['Today', 'Three', 'Two', 'One']);
    await choose(here.page, 'One', 'Pin');
    await choose(here.page, 'Two', 'Pin');
    const pinned = ['Pinned', 'Two', 'One', 'Today', 'Three'];
    for (const { page } of [here, there]) await expect.poll(() => listed(page)).toEqual(pinned);
    await here.page.reload();
    await expect.poll(() => listed(here.page)).toEqual(pinned);
    // Activity moves a chat among the pinned ones.
    await there.page.getByRole('link', { name: 'About One' }).click();
    await there.page.getByRole('button', { name: 'Regenerate' }).waitFor();
    await ask(there.page, 'One more');
    for (const { page } of [here, there])
      await expect.poll(() => listed(page)).toEqual(['Pinned', 'One', 'Two', 'Today', 'Three']);
    await choose(there.page, 'One', 'Unpin');
    await choose(there.page, 'Two', 'Unpin');
    for (const { page } of [here, there])
      await expect.poll(() => listed(page)).toEqual(['Today', 'One', 'Three', 'Two']);
    expect([...here.complaints, ...there.complaints]).toEqual([]);
  });

  it('archives a chat with undo, restores it with a button or a message, and deletes one', async () => {
    const number = freshNumber();
    await using here = await visit(shared.browser, shared.product.url);
    const { page } = here;
    await signIn(page, number);
    await askAll(page, 'Old', 'Older', 'Oldest');
    await using there = await visit(shared.browser, shared.product.url);
    await signIn(there.page, number);
    await openArchive(there.page);
    await there.page.getByText('No chats are archived.').waitFor();

    await choose(page, 'Oldest', 'Archive');
    // It was open.
    await page.waitForURL(/\/app\/$/);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => listed(page)).toEqual(['Today', 'Oldest', 'Older', 'Old']);
    for (const name of ['Oldest', 'Older', 'Old']) {
      await choose(page, name, 'Archive');
      await page.getByText('Chat archived').waitFor();
      await expect.poll(() => listed(page)).not.toContain(name);
    }
    await expect.poll(() => archivedNames(there.page)).toEqual(['Oldest', 'Older', 'Old']);
    await expect.poll(() => listed(there.page)).toEqual([]);

    await there.page.getByRole('button', { name: 'Unarchive: About Older' }).click();
    await expect.poll(() => archivedNames(there.page)).toEqual(['Oldest', 'Old']);
    for (const one of [page, there.page]) await expect.poll(() => listed(one)).toEqual(['Today', 'Older']);

    await there.page.getByRole('button', { name: 'Delete: About Oldest' }).click();
    await expect.poll(() => archivedNames(there.page)).toEqual(['Old']);
    await there.page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => archivedNames(there.page)).toEqual(['Oldest', 'Old']);

    await archived(there.page).getByText('About Old', { exact: true }).click();
    await there.page.getByText('This chat is archived.').waitFor();
    await there.page.getByRole('button', { name: 'Regenerate' }).waitFor();
    await ask(there.page, 'Back again');
    for (const one of [page, there.page]) await expect.poll(() => listed(one)).toEqual(['Today', 'Old', 'Older']);
    await expect.poll(() => there.page.getByText('This chat is archived.').count()).toBe(0);
    expect([...here.complaints, ...there.complaints]).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('reads the archive in pages on a phone, %s', async (colorScheme) => {
    const number = freshNumber();
    const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
    await using visitor = await visit(shared.browser, shared.product.url, { ...phone, colorScheme, bypassCSP: true });
    const { page } = visitor;
    await signIn(page, number);
    await sqlOf(shared.product.running)(
      `insert into chatrooms (user_id, name, archived, updated_at)
       select id, repeat('Long name ', 9) || n, true, now() - n * interval '1 day' from users, generate_series(1, 120) n
       where mobile_number = $1`,
      [number],
    );
    await page.getByRole('button', { name: 'Open the menu' }).click();
    await openArchive(page);
    await archived(page).first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(await barriersOn(page)).toEqual([]);
    await expect
      .poll(async () => {
        await archived(page).last().scrollIntoViewIfNeeded();
        return archived(page).count();
      })
      .toBe(120);
    await archived(page).first().click();
    await page.getByRole('button', { name: 'Unarchive' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(await barriersOn(page)).toEqual([]);
  });
});
