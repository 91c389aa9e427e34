/** Takes the screenshots in docs/screenshots/: every page of the client, in both themes, on desktop and phone. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { startWholeProduct } from '../test/contract/whole-product.ts';
import { freshNumber } from '../test/client.ts';
import { ask, startBrowser, visit } from '../test/browser/visitor.ts';

const folder = path.resolve(import.meta.dirname, '../docs/screenshots');
const wide = { viewport: { width: 1280, height: 860 } };
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

const answer = `Most likely the dough was too cold. Fermentation slows down sharply below 24 °C, and many recipes are written for 26 °C.

| Dough | Bulk | Look for |
|---|---|---|
| 20 °C | 9–11 h | 50 % larger, domed edge |
| 24 °C | 6–7 h | 50 % larger, bubbles at the side |
| 27 °C | 4–5 h | 40 % larger, it moves when shaken |

A small function that estimates it, since fermentation roughly doubles in speed for every $8$ °C:

\`\`\`ts
export function bulkHours(doughCelsius: number): number {
  // Seven hours at 24 °C, twice as fast every 8 °C.
  return 7 * 2 ** ((24 - doughCelsius) / 8);
}
\`\`\`

Measure the dough, not the room.`;

await mkdir(folder, { recursive: true });
await using product = await startWholeProduct({ environment: { BASIC_DAILY_LIMIT: '3' } });
await using browser = await startBrowser();
for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, options] of [
    ['wide', wide],
    ['phone', phone],
  ] as const) {
    await using visitor = await visit(browser, product.url, { ...options, colorScheme });
    const { page } = visitor;
    const take = (name: string) => page.screenshot({ path: path.join(folder, `${name}-${size}-${colorScheme}.png`) });
    await page.getByRole('textbox', { name: 'Phone number' }).waitFor();
    await take('sign-in');
    await page.getByRole('textbox', { name: 'Phone number' }).fill(freshNumber());
    await page.getByRole('button', { name: 'Continue' }).click();
    const code = page.getByRole('button', { name: /^Use code/ });
    await code.waitFor();
    await take('code');
    await code.click();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await take('empty');
    product.gemini.next({ kind: 'answer', parts: [{ text: answer }] });
    await askAndWait(page, 'Why does my sourdough never rise?');
    // Without hover and focus.
    await page.mouse.move(0, 0);
    await take('chat');
    product.gemini.next({ kind: 'block', reason: 'SAFETY' });
    await askAndWait(page, 'And what about rye?');
    await page.getByText(/not counted/).waitFor();
    await take('failed');
    await askAndWait(page, 'And spelt?');
    await askAndWait(page, 'And oats?');
    await ask(page, 'And barley?');
    await page.getByRole('dialog').waitFor();
    await take('limit');
    await page.keyboard.press('Escape');
    await visitor.context.setOffline(true);
    await page.getByText(/offline/).waitFor();
    await take('offline');
    await visitor.context.setOffline(false);
    for (const name of ['plans', 'settings']) {
      await page.goto(`${product.url}/app/${name}`);
      await page.getByRole('heading', { level: 2 }).first().waitFor();
      await take(name);
    }
    await page.getByRole('combobox', { name: 'Language' }).selectOption('ar');
    await page.goto(`${product.url}/app/plans`);
    await page.getByRole('heading', { level: 2 }).first().waitFor();
    await take('arabic');
  }
}

async function askAndWait(page: Page, question: string): Promise<void> {
  await ask(page, question);
  await page.getByRole('article', { name: 'You' }).getByText(question, { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
  await page.getByRole('article', { name: 'Pollux' }).last().waitFor();
}
