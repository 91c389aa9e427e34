/** The API pages in a real browser: they load, ask no other host, complain of nothing, and can be used. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromium, openPage, type Page } from './chromium.ts';
import { startWholeProduct, type WholeProduct } from './whole-product.ts';

describe.skipIf(chromium === null)('in Chromium', () => {
  let product: WholeProduct;
  let page: Page;

  beforeAll(async () => {
    [product, page] = await Promise.all([startWholeProduct(), openPage()]);
  });

  afterAll(async () => {
    await page?.[Symbol.asyncDispose]();
    await product?.[Symbol.asyncDispose]();
  });

  /** Opens a page of the product, waits until it shows what it should, and gives what it did wrong. */
  async function visit(path: string, ready: string): Promise<{ foreign: string[]; complaints: string[] }> {
    const [asked, complained] = [page.requests.length, page.complaints.length];
    await page.open(product.url + path);
    await page.waitFor(ready);
    const { origin } = new URL(product.url);
    const own = (address: string) => /^(data|blob):/.test(address) || new URL(address).origin === origin;
    return {
      foreign: page.requests.slice(asked).filter((address) => !own(address)),
      complaints: page.complaints.slice(complained),
    };
  }

  const clean = { foreign: [], complaints: [] };

  it('shows every operation at /docs', async () => {
    expect(await visit('/docs', `document.querySelectorAll('.opblock').length > 25`)).toEqual(clean);
    expect(await page.run('document.title')).toBe('Pollux API');
  });

  it('executes an operation from /docs', async () => {
    const block = `document.querySelector('.opblock[id$="-readService"]')`;
    await visit('/docs', block);
    await page.run(`${block}.querySelector('.opblock-summary button').click()`);
    await page.waitFor(`${block}.querySelector('.execute')`);
    await page.run(`${block}.querySelector('.execute').click()`);
    await page.waitFor(`${block}.querySelector('.live-responses-table .response')`);
    const answer = await page.run(`${block}.querySelector('.live-responses-table .response').innerText`);
    expect(answer).toMatch(/^200/);
    expect(answer).toContain('"name": "Pollux"');
    expect(page.complaints).toEqual([]);
  });

  it('fills in nothing that nobody has to send', async () => {
    const block = `document.querySelector('.opblock[id$="-sendMessage"]')`;
    await visit('/docs', block);
    await page.run(`${block}.querySelector('.opblock-summary button').click()`);
    const field = `${block}.querySelector('input[placeholder="idempotency-key"]')`;
    await page.waitFor(field);
    expect(await page.run(`${field}.value`)).toBe('');
  });

  it('shows the reference at /redoc, its search and its mark included', async () => {
    const shown = `document.querySelector('[role="search"]') && document.querySelectorAll('[data-section-id]').length > 25`;
    const mark = `document.querySelector('a[href*="redocly.com"] img')`;
    expect(await visit('/redoc', `${shown} && ${mark}?.complete`)).toEqual(clean);
    expect(await page.run(`${mark}.naturalWidth`)).toBeGreaterThan(0);
    await page.waitFor(
      `[...document.querySelectorAll('h1')].some((heading) => heading.textContent.includes('Pollux'))`,
    );
  });

  it('leads from the type of a problem to its explanation', async () => {
    expect(await visit('/problems#daily-limit-reached', `document.querySelector(':target')`)).toEqual(clean);
    expect(await page.run(`document.querySelector(':target h2').innerText`)).toContain('daily_limit_reached');
  });
});
