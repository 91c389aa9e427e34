/** Reading answers while they are streamed: scrolling, and notifications of unseen ones. */
import { describe, expect, it } from 'vitest';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

const longAnswer = Array.from({ length: 80 }, (_, index) => `Paragraph ${index + 1}.`).join('\n\n');

describe.skipIf(!canBrowse)('in Chromium', () => {
  const shared = shareBrowser({ notifies: true, environment: { BASIC_DAILY_LIMIT: '1000' } });

  const slowly = (text: string) => ({
    kind: 'answer' as const,
    parts: text.split(/(?=Paragraph)/).map((piece) => ({ text: piece })),
    delayMs: 10,
  });

  it('follows the end while an answer is streamed, until the user scrolls up', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page);
    shared.product.gemini.next(slowly(longAnswer));
    await ask(page, 'A long story');
    await page.getByText('Paragraph 80.').waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await expect.poll(() => page.getByText('Paragraph 80.').isVisible()).toBe(true);
    expect(await inView('Paragraph 80.')).toBe(true);
    await ask(page, 'Another one [[chunks:60]][[delay:60]]');
    await page.getByText('[3]').waitFor();
    await page.getByRole('article', { name: 'You' }).last().hover();
    await page.mouse.wheel(0, -200);
    await page.getByRole('button', { name: 'Jump to latest' }).waitFor();
    await page.getByText('[40]').waitFor();
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Jump to latest' }).count()).toBe(0);

    async function inView(text: string): Promise<boolean> {
      const box = (await page.getByText(text).boundingBox())!;
      return box.y > 0 && box.y < 860;
    }
  });

  it('keeps the question at the top if that is set', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page);
    await page.goto(`${shared.product.url}/app/settings`);
    await page.getByRole('checkbox', { name: 'Keep the question at the top' }).check();
    await page.getByRole('button', { name: 'New chat' }).click();
    shared.product.gemini.next(slowly(longAnswer));
    await ask(page, 'First');
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    for (const question of ['Second', 'Third']) {
      shared.product.gemini.next(slowly(longAnswer));
      await ask(page, question);
      await page.getByRole('button', { name: 'Stop' }).waitFor();
      await page.getByRole('button', { name: 'Send' }).waitFor();
      const asked = page.getByRole('article', { name: 'You' }).getByText(question, { exact: true });
      await expect.poll(async () => (await asked.boundingBox())?.y ?? -1).toBeGreaterThan(40);
      expect((await asked.boundingBox())!.y).toBeLessThan(160);
    }
  });

  it('copies an answer as Markdown and as rich text', async () => {
    await using visitor = await visit(shared.browser, shared.product.url, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = visitor;
    await signIn(page);
    const markdown = 'Two **bold** words and `code`.';
    shared.product.gemini.next({ kind: 'answer', parts: [{ text: markdown }] });
    await ask(page, 'Something to copy');
    await page.getByText('Two bold words').waitFor();
    // The stored text is copied, so that it has to be finished.
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    await page.getByRole('button', { name: 'Copy', exact: true }).last().click();
    const read = () =>
      page.evaluate<Record<string, string>>(`navigator.clipboard.read().then(async ([item]) =>
        Object.fromEntries(await Promise.all(
          (item?.types ?? []).map(async (type) => [type, await (await item.getType(type)).text()]),
        )))`);
    await expect.poll(read).toEqual({
      'text/plain': markdown,
      'text/html': expect.stringMatching(/<strong>bold<\/strong> words and <code[^>]*>code<\/code>/),
    });
  });

  it('notifies of an answer that arrived while the page was hidden', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page, context } = visitor;
    await context.grantPermissions(['notifications']);
    await signIn(page);
    await page.goto(`${shared.product.url}/app/settings`);
    await page.getByRole('checkbox', { name: 'Tell me when an answer is done' }).check();
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    await ask(page, 'Take your time [[chunks:30]][[delay:50]]');
    await page.getByText('[2]').waitFor();
    await lookAway('hidden');
    await expect.poll(() => page.title()).toMatch(/^● /);
    const notices = `navigator.serviceWorker.ready.then((one) => one.getNotifications()).then((all) => all.map((one) => one.title))`;
    await expect.poll(() => page.evaluate<string[]>(notices)).toEqual(['The answer is complete.']);
    await lookAway('visible');
    await expect.poll(() => page.title()).toMatch(/^About Take your time/);

    /** Makes the page report that it is hidden, because a headless page is always visible. */
    function lookAway(state: 'hidden' | 'visible'): Promise<unknown> {
      return page.evaluate(`
        Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      `);
    }
  });
});
