/** A hundred hostile answers in a real browser: nothing is requested from another host, and none of their scripts runs. */
import { expect, it } from 'vitest';
import { startWholeProduct } from '../contract/whole-product.ts';
import { hostileAnswers } from './hostile-answers.ts';
import { ask, canBrowse, signIn, startBrowser, visit } from './visitor.ts';

it.skipIf(!canBrowse)('are shown as text, without requests or scripts', { timeout: 240_000 }, async () => {
  expect(new Set(hostileAnswers).size).toBe(100);
  await using product = await startWholeProduct({ environment: { BASIC_DAILY_LIMIT: '1000' } });
  await using browser = await startBrowser();
  await using visitor = await visit(browser, product.url);
  const { page } = visitor;
  await signIn(page);
  product.gemini.next(...hostileAnswers.map((text) => ({ kind: 'answer' as const, parts: [{ text }] })));
  for (let index = 0; index < hostileAnswers.length; index += 1) {
    await ask(page, `Question ${index}`);
    await page.getByRole('article', { name: 'You' }).getByText(`Question ${index}`, { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
  }
  // Formulas and colours are loaded on first use.
  await page.waitForLoadState('networkidle').catch(() => {});
  const links = await page.evaluate<string[]>(
    `[...document.querySelectorAll('[role=list] a')].map((link) => link.href)`,
  );
  expect(links.filter((href) => !/^https?:\/\//.test(href))).toEqual([]);
  expect(await page.title()).not.toBe('owned');
  expect(visitor.foreignRequests).toEqual([]);
  expect(visitor.complaints).toEqual([]);
  expect(
    await page.evaluate(
      `document.querySelectorAll('[role=list] :is(script, iframe, object, embed, img, style, link, form, video, audio)').length`,
    ),
  ).toBe(0);
});
