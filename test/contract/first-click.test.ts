/** What a newcomer does first: opening the URLs of the banner in a browser. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyPlace } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { chromium, openPage, type Page } from './chromium.ts';

let stack: AsyncDisposableStack;
let server: RunningProcess;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const place = stack.use(await emptyPlace());
  server = stack.use(await startProcess(place.environment));
});

afterAll(() => stack.disposeAsync());

it('redirects a browser from / to a page and keeps the query', async () => {
  const answer = await fetch(`${server.url}/?from=mail&x=%2F`, {
    headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    redirect: 'manual',
  });
  expect(answer.status).toBe(302);
  expect(answer.headers.get('location')).toBe('/app/?from=mail&x=%2F');
  const followed = await fetch(new URL(answer.headers.get('location')!, server.url));
  expect(followed.status).toBe(200);
  expect(followed.headers.get('content-type')).toMatch(/^text\/html/);
});

it('answers a program at / with JSON', async () => {
  const answer = await fetch(server.url, { redirect: 'manual' });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ name: 'Pollux', status: 'ok' });
});

describe.skipIf(chromium === null)('in Chromium', () => {
  let page: Page;

  beforeAll(async () => {
    page = stack.use(await openPage());
  });

  it('shows a page at every URL of the banner', async () => {
    const addresses = [...server.output().matchAll(/https?:\/\/\S+/g)].map(([address]) => address);
    expect(addresses).toEqual([server.url, `${server.url}/docs`, `${server.url}/redoc`]);
    for (const address of addresses) {
      await page.open(address);
      const heading = address === server.url ? 'Welcome to Pollux' : 'Pollux';
      await page.waitFor(
        `[...document.querySelectorAll('h1, h2')].some((one) => one.innerText.includes('${heading}'))`,
      );
      const words = await page.run<number>(`document.body.innerText.trim().split(/\\s+/).length`);
      // The first is the sign-in page; the others show every operation.
      expect(words, address).toBeGreaterThan(address === server.url ? 10 : 50);
    }
    expect(page.complaints).toEqual([]);
  });
});
