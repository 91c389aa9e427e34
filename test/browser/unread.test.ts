/** Unread answers: a mark in the sidebar and the number on the app's icon, on every device, until the chat is opened. */
import { describe, expect, it } from 'vitest';
import { freshNumber, signIn as signInByApi } from '../client.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

/** Records the numbers that are put on the icon. */
const recordBadges = `
  globalThis.badges = [];
  Object.defineProperty(Navigator.prototype, 'setAppBadge', { value: async (count) => void badges.push(count) });
`;

describe.skipIf(!canBrowse)('in Chromium', { timeout: 90_000 }, () => {
  const shared = shareBrowser();

  it('are marked on other devices until one of them opens the chat', async () => {
    const number = freshNumber();
    await using here = await visit(shared.browser, shared.product.url, { bypassCSP: true });
    const { page } = here;
    await here.context.addInitScript(recordBadges);
    await page.reload();
    await signIn(page, number);
    const user = await signInByApi(shared.product.url, { number });
    const roomId = await user.room('Mountains');
    for (const question of ['One', 'Two']) {
      const { body } = await user.ask(roomId, question);
      await user.waitForReply(roomId, { messageId: body.id, timeoutMs: 40_000 });
    }
    const chats = page.getByRole('navigation', { name: 'Chats' });
    await chats.getByRole('img', { name: '2 unread answers' }).waitFor();
    await expect.poll(() => page.evaluate('badges.at(-1)')).toBe(2);
    expect(await barriersOn(page)).toEqual([]);
    await page.reload();
    await chats.getByRole('img', { name: '2 unread answers' }).waitFor();
    await chats.getByRole('link', { name: 'Mountains' }).click();
    await expect.poll(() => chats.getByRole('img').count()).toBe(0);
    const unread = async () => (await user.call('GET', `/chatroom/${roomId}`)).body.unread;
    await expect.poll(unread).toBe(0);
    await expect.poll(() => page.evaluate('badges.at(-1)')).toBe(0);
    // What is answered while the chat is on the screen is read.
    await ask(page, 'Three');
    await page.getByRole('button', { name: 'Regenerate' }).nth(2).waitFor();
    await expect.poll(unread).toBe(0);
    expect(await chats.getByRole('img').count()).toBe(0);
    expect(here.complaints).toEqual([]);
  });
});
