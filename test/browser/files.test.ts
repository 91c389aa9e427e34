/** Files of a message: chosen, pasted or dropped, uploaded at once, sent, and shown with the question. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { freshNumber, signIn as signInByApi } from '../client.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

const picture = readFileSync(path.resolve(import.meta.dirname, '../../web/public/icon-192.png'));
const png = (name: string) => ({ name, mimeType: 'image/png', buffer: picture });
const txt = (name: string, content = `The content of ${name}`) => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(content),
});

/** Sends an event of the clipboard or of dragging with these parts, as the browser does. */
const transfer = (
  kind: string,
  target: string,
  files: readonly (readonly [name: string, content: string])[],
  text = '',
) =>
  `(() => {
    const data = new DataTransfer();
    for (const [name, content] of ${JSON.stringify(files)}) data.items.add(new File([content], name, { type: 'text/plain' }));
    if (${JSON.stringify(text)} !== '') data.setData('text/plain', ${JSON.stringify(text)});
    const parts = { bubbles: true, cancelable: true, ['${kind}' === 'paste' ? 'clipboardData' : 'dataTransfer']: data };
    const event = '${kind}' === 'paste' ? new ClipboardEvent('paste', parts) : new DragEvent('${kind}', parts);
    return document.querySelector('${target}').dispatchEvent(event);
  })()`;

describe.skipIf(!canBrowse)('in Chromium', { timeout: 120_000 }, () => {
  const shared = shareBrowser({ environment: { BASIC_DAILY_LIMIT: '1000' } });

  const files = (page: Page) => page.locator('form').last().getByRole('list', { name: 'Files' }).getByRole('listitem');
  const ready = (page: Page, count: number) =>
    expect
      .poll(() =>
        files(page)
          .filter({ hasText: /^.*\d (?:bytes?|kB|MB)$/ })
          .count(),
      )
      .toBe(count);
  const message = (page: Page) => page.getByRole('textbox', { name: 'Message' });
  const chosen = (page: Page) => page.locator('form input[type=file]').first();
  const questions = (page: Page) => page.getByRole('article', { name: 'You' });

  async function choose(page: Page, ...chosenFiles: readonly ReturnType<typeof txt>[]): Promise<void> {
    const opened = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Add files' }).click();
    await (await opened).setFiles([...chosenFiles]);
  }

  it('are chosen, survive a reload, are sent without a word, opened, downloaded and kept in an edit', async () => {
    const number = freshNumber();
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page, number);
    await choose(page, png('peak.png'), txt('notes.txt'), txt('other.txt'));
    await ready(page, 3);
    await page.getByRole('button', { name: 'Remove other.txt' }).click();
    await expect.poll(() => page.evaluate('document.activeElement.ariaLabel')).toBe('Remove notes.txt');
    await page.reload();
    await ready(page, 2);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.waitForURL(/\/app\/c\/\d+$/);
    const sent = questions(page).getByRole('list', { name: 'Files' });
    await sent.getByRole('button', { name: 'Open peak.png' }).locator('img').waitFor();
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    expect(await files(page).count()).toBe(0);
    await page.reload();
    await sent.getByRole('button', { name: 'Open peak.png' }).click();
    await page.getByRole('dialog', { name: 'peak.png' }).getByRole('img', { name: 'peak.png' }).waitFor();
    await page.keyboard.press('Escape');
    const saving = page.waitForEvent('download');
    await sent.getByRole('button', { name: 'Download notes.txt' }).click();
    expect(readFileSync(await (await saving).path(), 'utf8')).toBe('The content of notes.txt');

    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('button', { name: 'Remove notes.txt' }).click();
    await page.getByRole('textbox', { name: 'Edit question' }).fill('What is this?');
    await page.getByRole('button', { name: 'Save & send' }).click();
    await questions(page).getByText('2 / 2').waitFor();
    expect(await sent.getByRole('listitem').count()).toBe(1);
    await page.getByRole('button', { name: 'Previous version' }).first().click();
    await sent.getByRole('button', { name: 'Download notes.txt' }).waitFor();
    expect(await sent.getByRole('listitem').count()).toBe(2);

    const user = await signInByApi(shared.product.url, { number });
    const roomId = Number(/\d+$/.exec(page.url())![0]);
    const [asked] = (await user.call('GET', `/chatroom/${roomId}/messages`)).body;
    const names = asked.attachments.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['peak.png', 'notes.txt']);
    expect((await user.call('DELETE', `/uploads/${asked.attachments[1].id}`)).status).toBe(204);
    await page.reload();
    await sent.getByText('notes.txt').waitFor();
    await sent.getByText('Deleted').waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  it('are pasted and dropped, and a long text becomes one, with a way back', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page);
    await message(page).waitFor();
    expect(await page.evaluate(transfer('paste', 'textarea', [['pasted.txt', 'from the clipboard']]))).toBe(false);
    await files(page).filter({ hasText: 'pasted.txt' }).waitFor();
    await page.evaluate(transfer('dragenter', '#main', [['dropped.md', '# dropped']]));
    await page.getByText('Drop the files anywhere').waitFor();
    expect(await page.evaluate(transfer('dragover', '#main', [['dropped.md', '# dropped']]))).toBe(false);
    await page.evaluate(transfer('drop', '#main', [['dropped.md', '# dropped']]));
    await ready(page, 2);
    expect(await page.getByText('Drop the files anywhere').count()).toBe(0);
    // A short text is pasted by the browser itself.
    expect(await page.evaluate(transfer('paste', 'textarea', [], 'short'))).toBe(true);
    const long = 'All work and no play. '.repeat(400);
    await message(page).fill('See: ');
    expect(await page.evaluate(transfer('paste', 'textarea', [], long))).toBe(false);
    await files(page).filter({ hasText: 'Pasted text.txt' }).waitFor();
    expect(await message(page).inputValue()).toBe('See: ');
    await page.getByRole('button', { name: 'Paste as text' }).click();
    await expect.poll(() => message(page).inputValue()).toBe(`See: ${long}`);
    await expect.poll(() => files(page).count()).toBe(2);
    await message(page).fill('');
    await chosen(page).setInputFiles(Array.from({ length: 9 }, (_, index) => txt(`many-${index}.txt`)));
    await page.getByText('A message can have 10 files at most.').waitFor();
    await ready(page, 10);
    expect(visitor.complaints).toEqual([]);
  });

  it('say why they are refused, are retried, cancelled, and wait for the network', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page, context } = visitor;
    await signIn(page);
    await message(page).fill('With files');
    const send = page.getByRole('button', { name: 'Send' });
    await chosen(page).setInputFiles({ name: 'drawing.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') });
    await files(page).getByRole('alert').getByText(/JPEG/).waitFor();
    expect(await send.isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: /^Upload .* again$/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Remove drawing.svg' }).click();
    await expect.poll(() => page.evaluate('document.activeElement.ariaLabel')).toBe('Message');

    // By the limits of the plan, before a byte is sent.
    const sent: string[] = [];
    page.on('request', (request) => void sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
    const large = txt('large.txt', 'x'.repeat(1_000_001));
    const refused = (problem: string) => files(page).getByRole('alert').getByText(problem).waitFor();
    let space = { used_bytes: 0, limit_bytes: 100_000_000, file_limit_bytes: 1_000_000 };
    await page.route('**/user/storage', (route) => route.fulfill({ json: space }));
    await chosen(page).setInputFiles(large);
    await refused('A file may have 1 MB at most.');
    expect(await page.getByRole('button', { name: /^Upload .* again$/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Remove large.txt' }).click();
    space = { used_bytes: 99_000_000, limit_bytes: 100_000_000, file_limit_bytes: 10_000_000 };
    await chosen(page).setInputFiles(large);
    await refused('Your files take all of the 100 MB that your plan stores.');
    await page.getByRole('button', { name: 'Upload large.txt again' }).waitFor();
    await page.getByRole('button', { name: 'Remove large.txt' }).click();
    expect(sent).not.toContain('POST /uploads');

    let mode: 'full' | 'hang' | 'pass' = 'full';
    await page.route('**/uploads', async (route) => {
      if (mode === 'pass') return route.continue();
      const problem = { code: 'storage_full', status: 409, detail: 'Your files have all of their 100 MB.' };
      if (mode === 'full') await route.fulfill({ status: 409, json: problem });
    });
    await chosen(page).setInputFiles(txt('one.txt'));
    await files(page).getByRole('alert').getByText('Your files have all of their 100 MB.').waitFor();
    mode = 'pass';
    await page.getByRole('button', { name: 'Upload one.txt again' }).click();
    await ready(page, 1);
    mode = 'hang';
    await chosen(page).setInputFiles(txt('stuck.txt'));
    await files(page)
      .getByText(/^Uploading/)
      .waitFor();
    await page.getByRole('progressbar', { name: 'Upload of stuck.txt' }).waitFor();
    expect(await send.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Remove stuck.txt' }).click();
    await expect.poll(() => send.isDisabled()).toBe(false);
    mode = 'pass';
    await context.setOffline(true);
    await chosen(page).setInputFiles(txt('later.txt'));
    await files(page).getByText('You are offline.').waitFor();
    await context.setOffline(false);
    await ready(page, 2);
    await send.click();
    await questions(page).getByRole('button', { name: 'Download later.txt' }).waitFor();
  });

  it.each(['light', 'dark'] as const)('fit a phone, where a photo can be taken, %s', async (colorScheme) => {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    await using visitor = await visit(shared.browser, shared.product.url, { ...phone, colorScheme, bypassCSP: true });
    const { page } = visitor;
    await signIn(page);
    await page.getByRole('button', { name: 'Add files' }).tap();
    const camera = page.waitForEvent('filechooser');
    await page.getByRole('menuitem', { name: 'Take a photo' }).tap();
    const taken = await camera;
    expect(await taken.element().getAttribute('capture')).toBe('environment');
    await taken.setFiles(png('photo.png'));
    const longName = `${'a-very-long-name-'.repeat(8)}.txt`;
    await chosen(page).setInputFiles([txt(longName), { name: 'bad.svg', mimeType: '', buffer: Buffer.from('<svg/>') }]);
    await files(page).getByRole('alert').waitFor();
    await ready(page, 2);
    await check();
    await page.getByRole('button', { name: 'Remove bad.svg' }).tap();
    await ask(page, 'What do you see?');
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    await questions(page).getByRole('button', { name: 'Open photo.png' }).locator('img').waitFor();
    await check();
    await questions(page).getByRole('button', { name: 'Open photo.png' }).tap();
    await page.getByRole('dialog').getByRole('img').waitFor();
    await check();

    async function check(): Promise<void> {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      expect(await barriersOn(page)).toEqual([]);
    }
  });
});
