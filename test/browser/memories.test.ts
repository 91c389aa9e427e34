/** Instructions, memories and the language of an account, on every device of it: in a real browser. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { freshNumber } from '../client.ts';
import { sqlOf } from '../sql.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', () => {
  const shared = shareBrowser();

  async function openSettings(page: Page, number = freshNumber()): Promise<void> {
    await signIn(page, number);
    await page.goto(`${shared.product.url}/app/settings`);
    await page.getByRole('textbox', { name: 'Instructions' }).waitFor();
  }

  it('saves instructions, keeps unsaved text, and refuses text that is too long', { timeout: 60_000 }, async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await openSettings(page);
    const field = page.getByRole('textbox', { name: 'Instructions' });
    const save = page.getByRole('button', { name: 'Save' });
    expect(await save.isDisabled()).toBe(true);
    await field.fill('x'.repeat(4001));
    await page.getByText('4,001 of 4,000 characters').waitFor();
    expect(await save.isDisabled()).toBe(true);
    await field.fill('Answer in one sentence.');
    await page.reload();
    await expect.poll(() => field.inputValue()).toBe('Answer in one sentence.');
    await save.click();
    await page.getByRole('status').getByText('Saved').waitFor();
    await field.fill('Something else');
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await field.inputValue()).toBe('Answer in one sentence.');
    await page.getByRole('button', { name: 'New chat' }).click();
    await ask(page, 'How high is Kilimanjaro?');
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    expect(JSON.stringify(shared.product.gemini.requests())).toContain('Answer in one sentence.');
    expect(visitor.complaints).toEqual([]);
  });

  it('adds, changes and deletes memories with the keyboard only, and can undo', { timeout: 60_000 }, async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    const number = freshNumber();
    await openSettings(page, number);
    await page.getByText('Nothing is remembered yet.').waitFor();
    await page.getByRole('textbox', { name: 'New memory' }).focus();
    for (const content of ['I am a vegetarian.', 'I live in Lisbon.']) {
      await page.keyboard.type(content);
      await page.keyboard.press('Enter');
      await page.getByRole('listitem').filter({ hasText: content }).waitFor();
      await expect.poll(() => page.getByRole('textbox', { name: 'New memory' }).inputValue()).toBe('');
    }
    const list = page.getByRole('list', { name: 'Memories' });
    expect(await list.getByRole('listitem').allInnerTexts()).toEqual(['I live in Lisbon.', 'I am a vegetarian.']);

    await list.getByRole('button', { name: 'Edit memory' }).first().focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('TEXTAREA');
    await page.keyboard.press('End');
    await page.keyboard.type(' Not in Porto.');
    await page.keyboard.press('Enter');
    await list.getByText('I live in Lisbon. Not in Porto.').waitFor();
    await expect.poll(() => focused(page)).toBe('Edit memory');
    await page.keyboard.press('Enter');
    await list.getByRole('textbox', { name: 'Memory' }).fill('Not to be kept');
    await page.keyboard.press('Escape');
    await list.getByText('I live in Lisbon. Not in Porto.').waitFor();

    await list.getByRole('button', { name: 'Delete memory' }).first().press('Enter');
    await expect.poll(() => list.getByRole('listitem').count()).toBe(1);
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await expect.poll(() => list.getByRole('listitem').count()).toBe(2);
    await list.getByRole('button', { name: 'Delete memory' }).first().press('Enter');
    await expect.poll(() => list.getByRole('listitem').count()).toBe(1);
    // Leaving the page completes the deletion.
    await page.goto(`${shared.product.url}/app/plans`);
    const kept = () =>
      sqlOf(shared.product.running)<{ content: string }>(
        'select content from memories join users on users.id = user_id where mobile_number = $1',
        [number],
      );
    await expect.poll(kept).toEqual([{ content: 'I am a vegetarian.' }]);
  });

  it('explains that the limit of memories is reached, and keeps the text', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    const number = freshNumber();
    await openSettings(page, number);
    const sql = sqlOf(shared.product.running);
    await sql(
      `insert into memories (user_id, content)
       select id, 'Memory ' || n from users, generate_series(1, 100) n where mobile_number = $1`,
      [number],
    );
    await page.getByRole('textbox', { name: 'New memory' }).fill('One more');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('alert').getByText('You can have 100 of these at most. Delete one first.').waitFor();
    expect(await page.getByRole('textbox', { name: 'New memory' }).inputValue()).toBe('One more');
  });

  it('adds a memory once if the response to it was lost', { timeout: 60_000 }, async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await openSettings(page);
    let lost = 0;
    await page.route('**/user/memories', async (route) => {
      if (route.request().method() !== 'POST' || lost > 0) return route.continue();
      lost += 1;
      await route.fetch();
      await route.abort();
    });
    await page.getByRole('textbox', { name: 'New memory' }).fill('I am a vegetarian.');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('alert').getByText('This could not be saved.').waitFor();
    await page.getByRole('button', { name: 'Add' }).click();
    await expect.poll(() => page.getByRole('textbox', { name: 'New memory' }).inputValue()).toBe('');
    await page.reload();
    const list = page.getByRole('list', { name: 'Memories' });
    await expect.poll(() => list.getByRole('listitem').allInnerTexts()).toEqual(['I am a vegetarian.']);
  });

  it(
    'shows changes on other devices: memories, instructions, the switch and the language',
    { timeout: 60_000 },
    async () => {
      const number = freshNumber();
      await using here = await visit(shared.browser, shared.product.url);
      await openSettings(here.page, number);
      await using there = await visit(shared.browser, shared.product.url);
      await openSettings(there.page, number);

      await here.page.getByRole('textbox', { name: 'New memory' }).fill('I am a vegetarian.');
      await here.page.getByRole('button', { name: 'Add' }).click();
      await there.page.getByRole('listitem').filter({ hasText: 'I am a vegetarian.' }).waitFor();
      await here.page.getByRole('checkbox', { name: 'Use memories' }).uncheck();
      const used = there.page.getByRole('checkbox', { name: 'Use memories' });
      await expect.poll(() => used.isChecked()).toBe(false);
      await here.page.getByRole('textbox', { name: 'Instructions' }).fill('Be brief.');
      await here.page.getByRole('button', { name: 'Save' }).click();
      const instructions = there.page.getByRole('textbox', { name: 'Instructions' });
      await expect.poll(() => instructions.inputValue()).toBe('Be brief.');

      await here.page.getByRole('combobox', { name: 'Language' }).selectOption('ar');
      await there.page.getByRole('heading', { name: 'الإعدادات' }).waitFor();
      expect(await there.page.evaluate('document.documentElement.dir')).toBe('rtl');
      // A device that signs in later gets them too.
      await using later = await visit(shared.browser, shared.product.url);
      await signIn(later.page, number);
      await expect.poll(() => later.page.evaluate('document.documentElement.lang')).toBe('ar');
      expect([...here.complaints, ...there.complaints, ...later.complaints]).toEqual([]);
    },
  );

  it('keeps the last of several quick choices of a language', { timeout: 60_000 }, async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await openSettings(page);
    const language = page.getByRole('combobox').first();
    for (const code of ['ar', 'es', 'hi', 'ja', 'es']) await language.selectOption(code);
    await page.getByRole('heading', { name: 'Ajustes' }).waitFor();
    // From here on no response for the previous page can arrive.
    await page.reload({ waitUntil: 'commit' });
    const kept = await page.waitForResponse(
      (response) => response.url().endsWith('/user/settings') && response.request().method() === 'GET',
    );
    expect(await kept.json()).toMatchObject({ language: 'es' });
    await page.getByRole('heading', { name: 'Ajustes' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('es');
  });

  it.each(['light', 'dark'] as const)(
    'fits 320 px from right to left without a barrier that axe finds, %s',
    { timeout: 60_000 },
    async (colorScheme) => {
      const narrow = { colorScheme, bypassCSP: true, viewport: { width: 320, height: 700 } };
      await using visitor = await visit(shared.browser, shared.product.url, narrow);
      const { page } = visitor;
      await openSettings(page);
      const words = 'w'.repeat(200);
      await page.getByRole('textbox', { name: 'New memory' }).fill(words);
      await page.getByRole('button', { name: 'Add' }).click();
      await page.getByRole('listitem').filter({ hasText: words }).waitFor();
      await page.getByRole('combobox', { name: 'Language' }).selectOption('ar');
      await page.getByRole('button', { name: 'تعديل الذكرى' }).click();
      await page.getByRole('textbox', { name: 'الذكرى', exact: true }).fill('');
      expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
      expect(await barriersOn(page)).toEqual([]);
    },
  );
});

/** The name, otherwise the kind, of the element that has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>('(document.activeElement.getAttribute("aria-label") ?? document.activeElement.tagName)');
}
