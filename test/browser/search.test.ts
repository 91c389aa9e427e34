/** Searching all chats: hits while typing, more while scrolling, and links to the message in its branch. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { freshNumber, signIn as signInByApi, type Client } from '../client.ts';
import { fillRoom } from '../fill-room.ts';
import { sqlOf } from '../sql.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 120_000 }, () => {
  const shared = shareBrowser({ environment: { BASIC_DAILY_LIMIT: '1000' } });
  let client: Client;
  let roomId: number;
  const number = freshNumber();

  async function answered(content: string, parent?: number | null): Promise<{ id: number; replyId: number }> {
    const body = { content, ...(parent !== undefined && { parent_id: parent }) };
    const sent = await client.call('POST', `/chatroom/${roomId}/message`, { body });
    await client.waitForReply(roomId, { messageId: sent.body.id });
    return { id: sent.body.id, replyId: sent.body.reply.id };
  }

  /** The index is updated a few seconds later. */
  const indexed = (words: string, atLeast: number) =>
    expect
      .poll(async () => (await client.call('GET', `/search?q=${words}&limit=100`)).body.length, { timeout: 30_000 })
      .toBeGreaterThanOrEqual(atLeast);

  beforeAll(async () => {
    client = await signInByApi(shared.product.url, { number });
    roomId = await client.room('Mountains <b>& more</b>');
    const first = await answered('Where is the Kilimanjaro, in <b>Africa</b>?');
    await answered('And the Elbrus?', first.replyId);
    await answered(`Something else. ${'Words that take their place.\n\n'.repeat(60)}`, null);
    await fillRoom(sqlOf(shared.product.running), roomId, 'Pebble number one', 25);
  });

  const results = (page: Page) => page.getByRole('list', { name: 'Results' });
  const inView = (page: Page, message: number) =>
    page.evaluate<boolean>(`(() => {
      const box = document.querySelector('[data-message="${message}"]')?.getBoundingClientRect();
      return box !== undefined && box.bottom > 0 && box.top < innerHeight - 100;
    })()`);

  it('finds hits while typing, marks the matches, and opens a question on another branch', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page, number);
    await indexed('elbr', 1);
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByText('Find any question or answer').waitFor();
    await page.keyboard.type('elbr');
    const hit = results(page).getByRole('link', { name: /You.*And the Elbrus/ });
    await hit.waitFor();
    expect(page.url()).toContain('/app/search?q=elbr');
    expect(await hit.locator('mark').allInnerTexts()).toEqual(['Elbrus']);
    expect(await hit.innerText()).toContain('Mountains <b>& more</b>');
    await hit.click();
    const question = page.getByRole('article', { name: 'You' }).getByText('And the Elbrus?');
    await question.waitFor();
    await page.getByText('1 / 2').waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.innerText')).toContain('And the Elbrus?');
    expect(await page.getByText('Something else').count()).toBe(0);
    // Back returns to the hits.
    await page.goBack();
    await hit.waitFor();
    expect(await page.getByRole('searchbox', { name: 'Search your chats' }).inputValue()).toBe('elbr');
    expect(visitor.complaints).toEqual([]);
  });

  it('opens an old message of the current path, and does not change the path', async () => {
    const old = await answered('An old zeppelin', null);
    await fillRoom(sqlOf(shared.product.running), roomId, `Filler. ${'More of it. '.repeat(20)}`, 120);
    await indexed('zeppelin', 1);
    const head = async () => (await client.call('GET', `/chatroom/${roomId}`)).body.head_id;
    const before = await head();
    await using visitor = await visit(shared.browser, `${shared.product.url}/app/search?q=zeppelin`);
    const { page } = visitor;
    await signIn(page, number);
    await results(page)
      .getByRole('link', { name: /^Mountains.*You.*An old zeppelin/ })
      .click();
    await expect.poll(() => inView(page, old.id), { timeout: 20_000 }).toBe(true);
    await expect.poll(() => page.evaluate('document.activeElement.innerText')).toContain('An old zeppelin');
    expect(await head()).toBe(before);
    // The page does not scroll away.
    await page.getByRole('button', { name: 'Jump to latest' }).waitFor();
    expect(await inView(page, old.id)).toBe(true);
  });

  it('loads more at the end of the hits, reports when there are none, and offers a retry', async () => {
    await using visitor = await visit(shared.browser, shared.product.url, { viewport: { width: 320, height: 640 } });
    const { page } = visitor;
    await signIn(page, number);
    await indexed('pebble', 25);
    await page.getByRole('button', { name: 'Open the menu' }).click();
    await page.getByRole('button', { name: 'Search' }).click();
    const field = page.getByRole('searchbox', { name: 'Search your chats' });
    await field.fill('pebble');
    await results(page).getByRole('link').first().waitFor();
    await expect
      .poll(async () => {
        await results(page).getByRole('link').last().scrollIntoViewIfNeeded();
        return results(page).getByRole('link').count();
      })
      .toBeGreaterThan(24);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await field.fill('nowhere at all');
    await page.getByText('Nothing found for “nowhere at all”.').waitFor();
    let broken = true;
    await page.route('**/search?q=elb', (route) =>
      broken ? route.fulfill({ status: 400, json: { code: 'bad_request', status: 400 } }) : route.continue(),
    );
    await field.fill('elb');
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await results(page)
      .getByRole('link', { name: /You.*And the Elbrus/ })
      .waitFor();
  });

  it.each(['light', 'dark'] as const)('has no barrier that axe finds, %s', async (colorScheme) => {
    await using visitor = await visit(shared.browser, `${shared.product.url}/app/search?q=africa`, {
      colorScheme,
      bypassCSP: true,
    });
    const { page } = visitor;
    await signIn(page, number);
    await results(page).locator('mark').first().waitFor();
    expect(await barriersOn(page)).toEqual([]);
  });
});
