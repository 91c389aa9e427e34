/** Editing a question in place, and its versions: with the keyboard, on a phone, on two devices. */
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { freshNumber } from '../client.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit, type Visitor } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 60_000 }, () => {
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

  const questions = (page: Page) => page.getByRole('article', { name: 'You' });
  const shown = (page: Page) => questions(page).locator('[dir=auto]').allInnerTexts();
  const editor = (page: Page) => page.getByRole('textbox', { name: 'Edit question' });
  const answered = (page: Page, count: number) =>
    expect.poll(() => page.getByRole('button', { name: 'Regenerate' }).count()).toBe(count);

  async function edit(page: Page, index: number, question: string): Promise<void> {
    await questions(page).nth(index).getByRole('button', { name: 'Edit' }).click();
    await editor(page).fill(question);
    await page.getByRole('button', { name: 'Save & send' }).click();
  }

  async function askThree(page: Page): Promise<void> {
    for (const [index, word] of ['One', 'Two', 'Three'].entries()) {
      await ask(page, word);
      await answered(page, index + 1);
    }
  }

  it('asks another version of a question, and the arrows return to the messages after the first', async () => {
    const { page } = visitor;
    await askThree(page);
    await edit(page, 1, 'Two, put better');
    await expect.poll(() => shown(page)).toEqual(['One', 'Two, put better']);
    await answered(page, 2);
    await questions(page).nth(1).getByText('2 / 2').waitFor();
    await questions(page).nth(1).getByRole('button', { name: 'Previous version' }).click();
    await expect.poll(() => shown(page)).toEqual(['One', 'Two', 'Three']);
    await questions(page).nth(1).getByText('1 / 2').waitFor();
    await page.reload();
    await expect.poll(() => shown(page)).toEqual(['One', 'Two', 'Three']);
    // The first question has versions as well.
    await edit(page, 0, 'Uno');
    await expect.poll(() => shown(page)).toEqual(['Uno']);
    await questions(page).getByText('2 / 2').waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  it('works with the keyboard only and keeps the focus', async () => {
    const { page } = visitor;
    const focused = () => page.evaluate('document.activeElement.getAttribute("aria-label")');
    await askThree(page);
    await questions(page).nth(1).getByRole('button', { name: 'Edit' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(focused).toBe('Edit question');
    await page.keyboard.type(' again');
    await page.keyboard.press('Escape');
    await expect.poll(() => shown(page)).toEqual(['One', 'Two', 'Three']);
    // The focus is restored, and the typed text is gone.
    await page.keyboard.press('Enter');
    await expect.poll(() => editor(page).inputValue()).toBe('Two');
    await page.keyboard.type(' once more');
    await page.keyboard.press('Enter');
    await expect.poll(() => shown(page)).toEqual(['One', 'Two once more']);
    await questions(page).nth(1).getByText('2 / 2').waitFor();
    // Skips `Remember this`.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await expect.poll(focused).toBe('Previous version');
    await page.keyboard.press('Enter');
    await expect.poll(() => shown(page)).toEqual(['One', 'Two', 'Three']);
    await expect.poll(focused).toBe('Previous version');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => shown(page)).toEqual(['One', 'Two once more']);
    await expect.poll(focused).toBe('Next version');
  });

  it('keeps an unsent edit after a reload, and after a refusal', async () => {
    const { page } = visitor;
    await ask(page, 'Half');
    await answered(page, 1);
    await questions(page).getByRole('button', { name: 'Edit' }).click();
    await editor(page).fill('Half done');
    await page.reload();
    await expect.poll(() => editor(page).inputValue()).toBe('Half done');
    await page.route('**/message', (route) =>
      route.fulfill({ status: 429, json: { code: 'too_many_unfinished', status: 429, detail: 'Too many at once.' } }),
    );
    await page.getByRole('button', { name: 'Save & send' }).click();
    await page.getByText('Too many at once.').waitFor();
    expect(await editor(page).inputValue()).toBe('Half done');
    await page.unroute('**/message');
    await page.getByRole('button', { name: 'Save & send' }).click();
    await expect.poll(() => shown(page)).toEqual(['Half done']);
    await page.reload();
    await expect.poll(() => shown(page)).toEqual(['Half done']);
  });

  it('asks once with any number of lost answers to an edit', async () => {
    const { page } = visitor;
    await ask(page, 'A bad line');
    await answered(page, 1);
    let losses = 2;
    await page.route('**/message', async (route) => {
      await route.fetch();
      await (losses-- > 0 ? route.abort() : route.continue());
    });
    await edit(page, 0, 'A bad line, again');
    await questions(page).getByText('2 / 2').waitFor();
    await expect.poll(() => losses).toBeLessThan(0);
    await page.reload();
    await questions(page).getByText('2 / 2').waitFor();
  });

  it('shows new and chosen versions on another device', async () => {
    const { page } = visitor;
    await askThree(page);
    await using other = await visit(shared.browser, page.url());
    await signIn(other.page, number);
    await expect.poll(() => shown(other.page)).toEqual(['One', 'Two', 'Three']);
    await edit(page, 1, 'Deux');
    await expect.poll(() => shown(other.page)).toEqual(['One', 'Deux']);
    await questions(other.page).nth(1).getByText('2 / 2').waitFor();
    await questions(other.page).nth(1).getByRole('button', { name: 'Previous version' }).click();
    await expect.poll(() => shown(page)).toEqual(['One', 'Two', 'Three']);
  });

  it('works by touch on a narrow phone, also in Arabic', async () => {
    await using phone = await visit(shared.browser, shared.product.url, {
      viewport: { width: 320, height: 640 },
      hasTouch: true,
    });
    const { page } = phone;
    await signIn(page);
    await ask(page, 'Small');
    await answered(page, 1);
    await questions(page).getByRole('button', { name: 'Edit' }).tap();
    await editor(page).fill('Small, but with a word as long as '.padEnd(200, 'x'));
    const reach = 'document.documentElement.scrollWidth - innerWidth';
    expect(await page.evaluate(reach)).toBe(0);
    for (const name of ['Save & send', 'Cancel']) {
      const box = (await page.getByRole('button', { name }).boundingBox())!;
      expect(box.height).toBeGreaterThan(38);
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(320);
    }
    await page.getByRole('button', { name: 'Save & send' }).tap();
    await questions(page).getByText('2 / 2').waitFor();
    await page.evaluate(`localStorage.setItem('pollux.language', 'ar')`);
    await page.reload();
    const you = page.getByRole('article', { name: 'أنت' });
    const [previous, next] = [
      (await you.getByRole('button', { name: 'النسخة السابقة' }).boundingBox())!,
      (await you.getByRole('button', { name: 'النسخة التالية' }).boundingBox())!,
    ];
    expect(previous.x).toBeGreaterThan(next.x);
    expect(await page.evaluate(reach)).toBe(0);
  });
});
