/** What other apps share is in the draft of a new chat. */
import { describe, expect, it } from 'vitest';
import { shareBrowser } from './share-browser.ts';
import { canBrowse, signIn, visit } from './visitor.ts';

/** As the system's share sheet does. */
const share = `(async () => {
  await navigator.serviceWorker.ready;
  const form = new FormData();
  form.append('title', 'A page');
  form.append('text', 'Look at this');
  form.append('url', 'https://example.com/');
  form.append('files', new File(['first'], 'first.txt', { type: 'text/plain' }));
  form.append('files', new File(['second'], 'zweite Datei.txt', { type: 'text/plain' }));
  const response = await fetch('/app/share', { method: 'POST', body: form });
  return new URL(response.url).pathname + new URL(response.url).search;
})()`;

describe.skipIf(!canBrowse)('in Chromium', { timeout: 90_000 }, () => {
  const shared = shareBrowser();

  it('is added as text and files, once', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page);
    await page.evaluate('navigator.serviceWorker.ready');
    // The service worker controls pages that are loaded after it.
    await page.reload();
    await page.getByRole('textbox', { name: 'Message' }).fill('A draft.');
    await expect.poll(() => page.evaluate('navigator.serviceWorker.controller !== null')).toBe(true);
    expect(await page.evaluate(share)).toBe('/app/?shared=true');
    await page.goto(`${shared.product.url}/app/?shared=true`);
    const files = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
    await expect.poll(() => files.count()).toBe(2);
    await files.filter({ hasText: 'zweite Datei.txt' }).waitFor();
    const message = page.getByRole('textbox', { name: 'Message' });
    expect(await message.inputValue()).toBe('A draft.\n\nA page\nLook at this\nhttps://example.com/');
    await page.waitForURL(/\/app\/$/);
    // A reload keeps the files that the server has.
    const uploaded = `JSON.parse(localStorage.getItem('pollux.draft.files.new') ?? '[]').length`;
    await expect.poll(() => page.evaluate(uploaded)).toBe(2);
    await page.reload();
    await expect.poll(() => files.count()).toBe(2);
    expect(await page.evaluate('caches.has("pollux-shared")')).toBe(false);
    expect(visitor.complaints).toEqual([]);
  });
});
