/** Accessibility: axe finds nothing on any page in either theme, and languages change text and direction. */
import { describe, expect, it } from 'vitest';
import { freshNumber } from '../client.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', () => {
  const shared = shareBrowser();

  it.each(['light', 'dark'] as const)('has no barrier that axe finds, %s', { timeout: 90_000 }, async (colorScheme) => {
    // axe is a script added by the test, which the page's policy would refuse.
    await using visitor = await visit(shared.browser, shared.product.url, { colorScheme, bypassCSP: true });
    const { page } = visitor;
    await page.getByRole('textbox', { name: 'Phone number' }).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await signIn(page);
    await page.getByRole('heading', { level: 2 }).first().waitFor();
    expect(await barriersOn(page)).toEqual([]);
    shared.product.gemini.next({
      kind: 'answer',
      parts: [
        {
          text: '## Heading\n\n- one `code`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```ts\nconst a = "b"; // c\n```\n\nEnd.',
        },
      ],
    });
    await ask(page, 'Show me everything');
    await page.getByText('End.').waitFor();
    await page.getByRole('button', { name: 'Regenerate' }).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    await ask(page, 'Refuse [[block]]');
    await page.getByText(/not counted/).waitFor();
    expect(await barriersOn(page)).toEqual([]);
    for (const [path, ready] of [
      ['/app/plans', 'Pro'],
      ['/app/settings', 'Devices'],
      ['/app/nowhere', 'Nothing here'],
    ] as const) {
      await page.goto(shared.product.url + path);
      await page.getByRole('heading', { name: ready, exact: true }).waitFor();
      expect(await barriersOn(page), path).toEqual([]);
    }
  });

  it('has other languages, each in its own direction, and stores the choice', async () => {
    await using visitor = await visit(shared.browser, shared.product.url, { locale: 'es-MX' });
    const { page } = visitor;
    await page.getByRole('button', { name: 'Continuar' }).waitFor();
    await page.evaluate(`localStorage.setItem('pollux.language', 'en')`);
    await page.reload();
    await signIn(page);
    await page.goto(`${shared.product.url}/app/settings`);
    await page.getByRole('combobox', { name: 'Language' }).selectOption('ar');
    await page.getByRole('heading', { name: 'الإعدادات' }).waitFor();
    expect(await page.evaluate('[document.documentElement.lang, document.documentElement.dir]')).toEqual(['ar', 'rtl']);
    await page.reload();
    await page.getByRole('heading', { name: 'الإعدادات' }).waitFor();
    const sidebar = (await page.getByRole('navigation').boundingBox())!;
    expect(sidebar.x).toBeGreaterThan(600);
  });

  it('explains failures in the current language, and translates them when another is chosen', async () => {
    await using visitor = await visit(shared.browser, shared.product.url, { locale: 'es-MX' });
    const { page } = visitor;
    await page.getByRole('textbox', { name: 'Número de teléfono' }).fill(freshNumber());
    await page.getByRole('button', { name: 'Continuar' }).click();
    await page.getByRole('textbox', { name: 'Código' }).fill('000000');
    await page.getByText('Ese código no es correcto. Quedan 4 intentos.').waitFor();
    await page.getByRole('button', { name: /^Usar el código \d{6}$/ }).click();
    await page.waitForURL(({ pathname }) => !pathname.endsWith('/sign-in'));
    const message = page.getByRole('textbox', { name: 'Mensaje' });
    await message.fill('Refuse [[block]]');
    await message.press('Enter');
    await page.getByText(/Este mensaje no se ha contado/).waitFor();
    const room = page.url();
    await page.getByRole('button', { name: 'Cuenta' }).click();
    await page.getByRole('menuitem', { name: 'Ajustes' }).click();
    await page.getByRole('combobox', { name: 'Idioma' }).selectOption('ja');
    await page.getByRole('heading', { name: '設定' }).waitFor();
    await page.goBack();
    expect(page.url()).toBe(room);
    await page.getByText(/このメッセージは回数に含まれません/).waitFor();
    // Live events are in that language too.
    await page.getByRole('textbox', { name: 'メッセージ' }).fill('Refuse again [[block]]');
    await page.getByRole('textbox', { name: 'メッセージ' }).press('Enter');
    await page
      .getByText(/このメッセージは回数に含まれません/)
      .nth(1)
      .waitFor();
  });

  it('changes the theme at once and applies it from the first paint on', async () => {
    await using visitor = await visit(shared.browser, shared.product.url, { colorScheme: 'light' });
    const { page } = visitor;
    await signIn(page);
    await page.goto(`${shared.product.url}/app/settings`);
    const paper = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    const light = await paper();
    await page.getByRole('radiogroup', { name: 'Theme' }).getByRole('radio', { name: 'Dark' }).check();
    expect(await paper()).not.toBe(light);
    await page.reload({ waitUntil: 'commit' });
    await page.waitForFunction('document.documentElement.dataset.theme === "dark"');
  });
});
