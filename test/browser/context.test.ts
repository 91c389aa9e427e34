/** The dialog that shows what the next question is sent with. */
import { describe, expect, it } from 'vitest';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

const name = 'What the next question is sent with';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 60_000 }, () => {
  const shared = shareBrowser();

  it.each(['light', 'dark'] as const)(
    'shows instructions, memories, length, and which messages are sent, %s',
    async (colorScheme) => {
      const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
      await using visitor = await visit(shared.browser, shared.product.url, { ...phone, colorScheme, bypassCSP: true });
      const { page } = visitor;
      await signIn(page);
      await page.goto(`${shared.product.url}/app/settings`);
      await page.getByRole('textbox', { name: 'Instructions' }).fill('Answer in one sentence.');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('textbox', { name: 'New memory' }).fill('I am a vegetarian.');
      await page.getByRole('button', { name: 'Add' }).click();
      await page.getByRole('listitem').filter({ hasText: 'I am a vegetarian.' }).waitFor();
      await page.getByRole('button', { name: 'New chat' }).click();
      const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('The cat is called Mia.') };
      await page.locator('form input[type=file]').first().setInputFiles(notes);
      const form = page.locator('form').last();
      await expect
        .poll(() => form.getByRole('list', { name: 'Files' }).getByRole('listitem').allTextContents())
        .toEqual([expect.stringMatching(/^notes\.txt.*22 byte/)]);
      await ask(page, 'A question that is sent again');
      await page.getByRole('button', { name: 'Regenerate' }).waitFor();
      await ask(page, 'Refuse this [[block]]');
      await page.getByText(/not counted/).waitFor();

      await page.getByRole('button', { name }).click();
      const dialog = page.getByRole('dialog', { name });
      await dialog.getByText('Answer in one sentence.').waitFor();
      await dialog.getByRole('listitem').filter({ hasText: 'I am a vegetarian.' }).waitFor();
      expect(await dialog.getByRole('meter', { name: 'Length' }).count()).toBe(1);
      await dialog.getByText(/^\d+ of [\d,]+ tokens$/).waitFor();
      await dialog
        .getByRole('listitem')
        .filter({ hasText: /^notes\.txt\d+$/ })
        .waitFor();
      await dialog.getByText('2 messages are sent in full').click();
      await dialog
        .getByRole('listitem')
        .filter({ hasText: /^You.*A question that is sent again/ })
        .waitFor();
      await dialog.getByText('2 messages are not sent').click();
      expect(await dialog.getByText('no answer').count()).toBe(2);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      const wider = `(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)(document.querySelector('dialog'))`;
      expect(await page.evaluate(wider)).toBe(false);
      expect(await barriersOn(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await expect.poll(() => dialog.count()).toBe(0);
    },
  );
});
