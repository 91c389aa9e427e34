/** Sharing and exporting a chat from its menu: a link that stops working once deleted, and files that the browser saves. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 90_000 }, () => {
  const shared = shareBrowser();

  it('creates a link, copies it, lists it again, and deletes it', async () => {
    await using visitor = await visit(shared.browser, shared.product.url, {
      viewport: { width: 320, height: 640 },
      bypassCSP: true,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = visitor;
    await signIn(page);
    await ask(page, 'Worth sharing');
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    const open = async () => {
      await page.getByRole('button', { name: 'Open the menu' }).click();
      await page.getByRole('button', { name: 'Actions for About Worth sharing' }).click();
      await page.getByRole('menuitem', { name: 'Share' }).click();
    };
    await open();
    const dialog = page.getByRole('dialog', { name: 'Share chat' });
    await dialog.getByRole('button', { name: 'Create link' }).click();
    await dialog.getByRole('button', { name: 'Copy link' }).click();
    await dialog.getByRole('button', { name: 'Copied' }).waitFor();
    const url = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(url).toMatch(/\/app\/shared\/[\w-]+$/);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(await barriersOn(page)).toEqual([]);
    const reader = async () => (await fetch(shared.product.url + new URL(url).pathname)).text();
    expect(await reader()).toContain('Worth sharing');
    await page.reload();
    await open();
    await dialog.getByRole('link', { name: url }).waitFor();
    await dialog.getByRole('button', { name: 'Delete link' }).click();
    await expect.poll(() => dialog.getByRole('link').count()).toBe(0);
    expect(await reader()).not.toContain('Worth sharing');
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count()).toBe(0);
  });

  it('saves a chat as Markdown and as JSON, and the whole account', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    await signIn(page);
    await ask(page, 'Worth keeping');
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    const save = async (choose: () => Promise<void>) => {
      const [file] = await Promise.all([page.waitForEvent('download'), choose()]);
      return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
    };
    const fromMenu = (item: string) => async () => {
      await page.getByRole('button', { name: 'Actions for About Worth keeping' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    const markdown = await save(fromMenu('Export as Markdown'));
    expect(markdown.name).toBe('About Worth keeping.md');
    expect(markdown.bytes.toString()).toMatch(/^# About Worth keeping\n/);
    const json = await save(fromMenu('Export as JSON'));
    expect(json.name).toBe('About Worth keeping.json');
    expect(JSON.parse(json.bytes.toString())).toMatchObject({ name: 'About Worth keeping' });
    await page.goto(`${shared.product.url}/app/settings`);
    const all = await save(() => page.getByRole('button', { name: 'Export my data' }).click());
    expect(all.name).toMatch(/\.zip$/);
    expect(all.bytes.subarray(0, 2).toString()).toBe('PK');
    expect(visitor.complaints).toEqual([]);
  });
});
