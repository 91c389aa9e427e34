/** Remembering a message, or a part of it: in a real browser. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', () => {
  const shared = shareBrowser();

  /** Signs in and asks a question that is answered with this text. */
  async function answered(page: Page, answer: string): Promise<void> {
    await signIn(page);
    shared.product.gemini.next({ kind: 'answer', parts: [{ text: answer }] });
    await ask(page, 'I grow tomatoes. When do I sow?');
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
  }

  it('stores the selection in an answer, as edited', { timeout: 60_000 }, async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await answered(page, 'Sow in **March**, indoors.\n\nPlant out in May.');
    const answer = page.getByRole('article', { name: 'Pollux' });
    await answer.getByText('Plant out in May.').selectText();
    await answer.getByRole('button', { name: 'Remember this' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remember this' });
    const field = dialog.getByRole('textbox', { name: 'Memory' });
    expect(await field.inputValue()).toBe('Plant out in May.');
    await field.fill('I plant tomatoes out in May.');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').getByText('Remembered').waitFor();
    await page.goto(`${shared.product.url}/app/settings`);
    await page.getByRole('list', { name: 'Memories' }).getByText('I plant tomatoes out in May.').waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  it(
    'offers the whole message without a selection, up to the length of a memory, also by keyboard',
    { timeout: 60_000 },
    async () => {
      await using visitor = await visit(shared.browser, shared.product.url);
      const { page } = visitor;
      await answered(page, `${'🌱'.repeat(499)}ab`);
      const question = page.getByRole('article', { name: 'You' });
      const remember = page.getByRole('article', { name: 'Pollux' }).getByRole('button', { name: 'Remember this' });
      // A selection in another message does not count.
      const asked = question.getByText('I grow tomatoes.');
      await asked.selectText();
      await remember.press('Enter');
      const field = page.getByRole('dialog').getByRole('textbox', { name: 'Memory' });
      expect(await field.inputValue()).toBe(`${'🌱'.repeat(499)}a`);
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
      await expect.poll(() => page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Remember this');
      await question.getByRole('button', { name: 'Remember this' }).press('Enter');
      expect(await field.inputValue()).toBe('I grow tomatoes. When do I sow?');
    },
  );

  it.each(['light', 'dark'] as const)(
    'fits 320 px from right to left without a barrier that axe finds, %s',
    { timeout: 60_000 },
    async (colorScheme) => {
      const narrow = { colorScheme, bypassCSP: true, viewport: { width: 320, height: 700 } };
      await using visitor = await visit(shared.browser, shared.product.url, narrow);
      const { page } = visitor;
      await answered(page, 'w'.repeat(300));
      await page.evaluate(`localStorage.setItem('pollux.language', 'ar')`);
      await page.reload();
      await page.getByRole('button', { name: 'تذكّر هذا' }).last().click();
      await page.getByRole('dialog').getByRole('button', { name: 'حفظ' }).waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
      expect(await barriersOn(page)).toEqual([]);
    },
  );
});
