/** The files of the account in the settings: their space, saving one, and deleting one with undo. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { freshNumber, signIn as signInByApi } from '../client.ts';
import { upload } from '../files/upload-client.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 90_000 }, () => {
  const shared = shareBrowser();

  it.each(['light', 'dark'] as const)(
    'lists files with their space, saves and deletes them, %s',
    async (colorScheme) => {
      const number = freshNumber();
      const user = await signInByApi(shared.product.url, { number });
      await upload(shared.product.url, user, 'x'.repeat(2000), { name: 'first.txt' });
      const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
      await using visitor = await visit(shared.browser, `${shared.product.url}/app/settings`, {
        ...phone,
        colorScheme,
        bypassCSP: true,
      });
      const { page } = visitor;
      await signIn(page, number);
      await page.getByText('4 kB of 100 MB').waitFor();
      // Another device uploads.
      await upload(shared.product.url, user, 'y'.repeat(3000), { name: `${'long-'.repeat(30)}second.txt` });
      await page.getByText('10 kB of 100 MB').waitFor();
      const rows = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
      await expect.poll(() => rows.count()).toBe(2);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      expect(await barriersOn(page)).toEqual([]);
      const saving = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download first.txt' }).tap();
      expect(readFileSync(await (await saving).path(), 'utf8')).toBe('x'.repeat(2000));
      await page.getByRole('button', { name: 'Delete first.txt' }).tap();
      await expect.poll(() => rows.count()).toBe(1);
      await page.getByRole('button', { name: 'Undo' }).tap();
      await expect.poll(() => rows.count()).toBe(2);
      await page.getByRole('button', { name: 'Delete first.txt' }).tap();
      await page.getByText('6 kB of 100 MB').waitFor({ timeout: 20_000 });
      expect((await user.call('GET', '/uploads')).body).toHaveLength(1);
      expect(visitor.complaints).toEqual([]);
    },
  );
});
