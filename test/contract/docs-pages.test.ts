/** The API pages in a real browser: they load, request nothing from other hosts, log no errors, and can be used. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request, signIn } from '../client.ts';
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

  /** Opens a page, waits until `ready` holds, and returns requests to other hosts and errors. */
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

  it('signs in and sends a body from /docs', async () => {
    const { tokens } = await signIn(product.url);
    const block = `document.querySelector('.opblock[id$="-createChatroom"]')`;
    const expectAnswer = async (text: RegExp) => {
      await page.run(`${block}.querySelector('.execute').click()`);
      const answer = `${block}.querySelector('.live-responses-table .response')`;
      await page.waitFor(`${text}.test(${answer}?.innerText)`);
    };
    await visit('/docs', block);
    await page.run(`document.querySelector('.authorize').click()`);
    await page.waitFor(`document.querySelector('#auth-bearer-value')`);
    // Dispatches the input event, because React ignores a value that is set without it.
    await page.run(`(() => {
      const field = document.querySelector('#auth-bearer-value');
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, ${JSON.stringify(tokens.access_token)});
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.closest('form').querySelector('button[type=submit]').click();
      document.querySelector('.close-modal').click();
    })()`);
    await page.run(`${block}.querySelector('.opblock-summary button').click()`);
    await page.waitFor(`${block}.querySelector('.execute')`);
    await expectAnswer(/^201[\s\S]*"updated_at"/);
    expect(page.complaints).toEqual([]);
  });

  it('leaves optional parameters empty', async () => {
    const block = `document.querySelector('.opblock[id$="-sendMessage"]')`;
    await visit('/docs', block);
    await page.run(`${block}.querySelector('.opblock-summary button').click()`);
    const field = `${block}.querySelector('input[placeholder="idempotency-key"]')`;
    await page.waitFor(field);
    expect(await page.run(`${field}.value`)).toBe('');
  });

  it('shows the reference at /redoc, with search and logo', async () => {
    const shown = `document.querySelector('[role="search"]') && document.querySelectorAll('[data-section-id]').length > 25`;
    const mark = `document.querySelector('a[href*="redocly.com"] img')`;
    expect(await visit('/redoc', `${shown} && ${mark}?.complete`)).toEqual(clean);
    expect(await page.run(`${mark}.naturalWidth`)).toBeGreaterThan(0);
    await page.run(`(() => {
      const field = document.querySelector('[role="search"] input');
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, 'ticket');
      field.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
    await page.waitFor(`document.querySelector('[data-role="search:results"]')?.innerText.includes('ticket')`);
    // Expands the collapsed sections.
    await page.run(`for (const button of document.querySelectorAll('button[aria-expanded="false"]')) button.click()`);
    expect(page.complaints).toEqual([]);
    await page.waitFor(
      `[...document.querySelectorAll('h1')].some((heading) => heading.textContent.includes('Pollux'))`,
    );
  });

  it.each(['/docs', '/docs/', '/redoc', '/problems'])('does not allow frames of %s', async (path) => {
    const { headers } = await request('GET', product.url + path);
    expect(headers.get('content-type')).toMatch(/^text\/html/);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:|\*/);
    // The browser enforces it, also in a page of the same origin.
    await page.open(`${product.url}/health/live`);
    const framed = await page.run(`new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.src = ${JSON.stringify(path)};
      frame.onload = () => {
        try { resolve(frame.contentDocument?.body?.innerText ?? 'nothing'); } catch { resolve('nothing'); }
      };
      document.body.append(frame);
    })`);
    expect(framed).toBe('nothing');
  });

  it('shows the explanation of a problem at the URL of its type', async () => {
    expect(await visit('/problems#daily-limit-reached', `document.querySelector(':target')`)).toEqual(clean);
    expect(await page.run(`document.querySelector(':target h2').innerText`)).toContain('daily_limit_reached');
  });
});
