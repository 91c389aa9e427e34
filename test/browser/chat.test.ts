/** Chatting in a real browser: asking, streaming, cancelling, regenerating, failures, several tabs and devices. */
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { freshNumber, signIn as signInByApi } from '../client.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit, type Visitor } from './visitor.ts';

/** Records layout shifts in the sidebar and the header without a user action. */
const watchShifts = `
  globalThis.shifted = [];
  new PerformanceObserver((list) => {
    for (const { hadRecentInput, sources } of list.getEntries()) {
      const nodes = sources.map(({ node }) => node?.parentElement?.closest('nav, header')).filter(Boolean);
      if (!hadRecentInput) shifted.push(...nodes.map((node) => node.tagName));
    }
  }).observe({ type: 'layout-shift' });
`;

describe.skipIf(!canBrowse)('in Chromium', () => {
  const shared = shareBrowser({ environment: { BASIC_DAILY_LIMIT: '1000' } });
  let stack: AsyncDisposableStack;
  let visitor: Visitor;
  const number = freshNumber();

  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    visitor = stack.use(await visit(shared.browser, shared.product.url));
    await signIn(visitor.page, number);
    return () => stack.disposeAsync();
  });

  const answerIn = ({ page }: Pick<Visitor, 'page'>) => page.getByRole('article', { name: 'Pollux' }).last();

  it('shows the answer while it is streamed, then names the chat after it', async () => {
    const { page } = visitor;
    await ask(page, 'Why is the sky dark? [[chunks:40]][[delay:50]]');
    await page.waitForURL(/\/app\/c\/\d+$/);
    await answerIn(visitor).getByText('[1]').waitFor();
    await page.evaluate(watchShifts);
    // It is still streaming.
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await answerIn(visitor).getByText('[39]').waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await page
      .getByRole('navigation', { name: 'Chats' })
      .getByRole('link', { name: 'About Why is the sky dark?' })
      .waitFor();
    await page.getByRole('heading', { name: 'About Why is the sky dark?' }).waitFor();
    expect(await page.title()).toBe('About Why is the sky dark? · Pollux');
    // The title replaces the first name.
    expect(await page.evaluate('shifted')).toEqual([]);
    expect(visitor.complaints).toEqual([]);
    expect(visitor.foreignRequests).toEqual([]);
  });

  it('continues with the text so far after a reload during an answer', async () => {
    const { page } = visitor;
    await ask(page, 'Reload me [[chunks:60]][[delay:60]]');
    await answerIn(visitor).getByText('[5]').waitFor();
    await page.reload();
    await answerIn(visitor).getByText('[5]').waitFor();
    await answerIn(visitor).getByText('[59]').waitFor();
    const shown = await answerIn(visitor).innerText();
    expect(shown.match(/\[\d+\]/g)).toEqual(Array.from({ length: 59 }, (_, index) => `[${index + 1}]`));
  });

  it('shows a reply as finished that ended while its room was loading', async () => {
    const { page } = visitor;
    await ask(page, 'End while I read [[chunks:20]][[delay:50]]');
    await answerIn(visitor).getByText('[2]').waitFor();
    let read = false;
    await page.route('**/messages?*', async (route) => {
      if (read) return route.continue();
      read = true;
      const early = await route.fetch();
      await setTimeout(3_000);
      // The page may have cancelled the request by now.
      await route.fulfill({ response: early }).catch(() => {});
    });
    await page.reload();
    await answerIn(visitor).getByText('[19]').waitFor();
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    expect(read).toBe(true);
  });

  it('shows what happened after its first read and before its feed opened', async () => {
    const { page } = visitor;
    await ask(page, 'Before the feed');
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    const opening = Promise.withResolvers<void>();
    await page.route('**/events/ticket', async (route) => {
      await opening.promise;
      await route.continue();
    });
    await page.reload();
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    const user = await signInByApi(shared.product.url, { number });
    const roomId = Number(/\d+$/.exec(page.url())![0]);
    shared.product.gemini.next({ kind: 'answer', parts: [{ text: 'Missed by the feed.' }] });
    await user.ask(roomId, 'Meanwhile');
    await user.waitForReply(roomId);
    opening.resolve();
    await answerIn(visitor).getByText('Missed by the feed.').waitFor();
  });

  it('keeps tabs and a second browser in sync', async () => {
    const { page, context } = visitor;
    await ask(page, 'First of all');
    await answerIn(visitor).getByText('[1]').waitFor();
    const tab = await context.newPage();
    await tab.goto(page.url());
    await using other = await visit(shared.browser, page.url());
    await signIn(other.page, number);
    await ask(page, 'Everywhere at once [[chunks:20]][[delay:40]]');
    for (const one of [{ page: tab }, other, visitor]) await answerIn(one).getByText('[19]').waitFor();
    const texts = await Promise.all([tab, other.page, page].map((one) => answerIn({ page: one }).innerText()));
    expect(new Set(texts).size).toBe(1);
  });

  it('stops an answer and keeps its text, then makes another version', async () => {
    const { page } = visitor;
    await ask(page, 'Go on and on [[drip:60]]');
    await answerIn(visitor).getByText('[3]').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('You stopped this answer.').waitFor();
    expect(await answerIn(visitor).innerText()).toContain('[3]');
    shared.product.gemini.next({ kind: 'answer', parts: [{ text: 'Another way to put it.' }] });
    await page.getByRole('button', { name: 'Regenerate' }).click();
    await answerIn(visitor).getByText('Another way to put it.').waitFor();
    await page.getByText('2 / 2').waitFor();
    await page.getByRole('button', { name: 'Previous version' }).click();
    await answerIn(visitor).getByText('[3]').waitFor();
    await page.getByText('1 / 2').waitFor();
  });

  it('explains a failed answer, says that it was not counted, and retries', async () => {
    const { page } = visitor;
    await ask(page, 'Refuse this [[blockx1]]');
    await page.getByText(/not counted/).waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await answerIn(visitor).getByText('[1]').waitFor();
  });

  it('sends on Enter, breaks the line on Shift+Enter, and keeps the draft after a reload', async () => {
    const { page } = visitor;
    const message = page.getByRole('textbox', { name: 'Message' });
    await message.fill('one');
    await message.press('Shift+Enter');
    await message.pressSequentially('two');
    expect(await message.inputValue()).toBe('one\ntwo');
    await page.reload();
    await expect.poll(() => message.inputValue()).toBe('one\ntwo');
    await message.press('Enter');
    await page.waitForURL(/\/app\/c\/\d+$/);
    await expect.poll(() => message.inputValue()).toBe('');
    await page.getByRole('article', { name: 'You' }).getByText('two').waitFor();
  });

  it('deletes a chat with undo, and renames one', async () => {
    const { page } = visitor;
    const chats = page.getByRole('navigation', { name: 'Chats' });
    await ask(page, 'A chat to rename');
    await page.waitForURL(/\/app\/c\/\d+$/);
    await page.getByRole('button', { name: 'Actions for About A chat to rename' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Name of the chat' }).fill('Renamed');
    await page.keyboard.press('Enter');
    await chats.getByRole('link', { name: 'Renamed' }).waitFor();
    await page.getByRole('button', { name: 'Actions for Renamed' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect.poll(() => chats.getByRole('link', { name: 'Renamed' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await chats.getByRole('link', { name: 'Renamed' }).waitFor();
    await page.getByRole('button', { name: 'Actions for Renamed' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await page.close({ runBeforeUnload: true });
    await using again = await visit(shared.browser, shared.product.url);
    await signIn(again.page, number);
    await expect
      .poll(async () => {
        await again.page.reload();
        await again.page.getByRole('navigation', { name: 'Chats' }).getByRole('link').first().waitFor();
        return again.page.getByRole('link', { name: 'Renamed' }).count();
      })
      .toBe(0);
  });

  it('asks once with any number of lost answers', { timeout: 60_000 }, async () => {
    const { page } = visitor;
    await ask(page, 'A chat with a bad line');
    await page.waitForURL(/\/app\/c\/\d+$/);
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await page.route('**/message', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await ask(page, 'Only once');
    const message = page.getByRole('textbox', { name: 'Message' });
    await expect.poll(() => message.inputValue(), { timeout: 30_000 }).toBe('Only once');
    await page.unroute('**/message');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect.poll(() => message.inputValue()).toBe('');
    await page.reload();
    await page.getByRole('article', { name: 'You' }).getByText('Only once').waitFor();
    expect(await page.getByRole('article', { name: 'You' }).getByText('Only once').count()).toBe(1);
  });

  it('keeps the draft when the session expires, and deletes it when the user signs out', async () => {
    const { page } = visitor;
    await page.getByRole('textbox', { name: 'Message' }).fill('Half a thought');
    // Simulates expiry, after which the browser drops the cookie.
    await page.context().clearCookies();
    await page.reload();
    await page.waitForURL(/\/app\/sign-in/);
    await signIn(page, number);
    await expect.poll(() => page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('Half a thought');
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await signIn(page, number);
    expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('');
  });
});
