/** The live feed over a WebSocket: one for all tabs, resumed after it was closed, with server-sent events as fallback. */
import type { Page, WebSocketRoute } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { signIn as signInOverHttp } from '../client.ts';
import { pageReader, readInPieces, streamReader, type Visit } from '../events/byte-readers.ts';
import { randomFrom, seed } from '../random.ts';
import { shareBrowser } from './share-browser.ts';
import { ask, canBrowse, lookAway, signIn, visit } from './visitor.ts';

describe.skipIf(!canBrowse)('in Chromium', { timeout: 60_000 }, () => {
  const shared = shareBrowser({ environment: { BASIC_DAILY_LIMIT: '1000' } });

  const answer = (page: Page) => page.getByRole('article', { name: 'Pollux' }).last();
  const numbers = async (page: Page) => (await answer(page).innerText()).match(/\[\d+\]/g);
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => `[${index + 1}]`);

  it('is opened once for all tabs', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page, context } = visitor;
    const opened: string[] = [];
    const asked: string[] = [];
    context.on('page', (tab) => tab.on('websocket', (socket) => opened.push(socket.url())));
    page.on('websocket', (socket) => opened.push(socket.url()));
    context.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await signIn(page);
    await ask(page, 'Over a socket [[chunks:20]][[delay:50]]');
    await page.waitForURL(/\/app\/c\/\d+$/);
    const tab = await context.newPage();
    await tab.goto(page.url());
    for (const one of [page, tab]) await answer(one).getByText('[19]').waitFor();
    expect(opened.map((url) => new URL(url).pathname)).toEqual(['/ws']);
    expect(asked).not.toContain('/events');
    expect(visitor.complaints).toEqual([]);
  });

  it('resumes after a close with 1012, and after a lost connection', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    const routes: WebSocketRoute[] = [];
    await page.routeWebSocket(/\/ws\?/, (route) => {
      route.connectToServer();
      routes.push(route);
    });
    await page.reload();
    await signIn(page);
    await ask(page, 'Interrupt me [[chunks:60]][[delay:60]]');
    await answer(page).getByText('[3]').waitFor();
    await routes.at(-1)!.close({ code: 1012 });
    await expect.poll(() => routes.length).toBe(2);
    await answer(page).getByText('[20]').waitFor();
    await routes.at(-1)!.close({ code: 4413 });
    await expect.poll(() => routes.length).toBe(3);
    await answer(page).getByText('[59]').waitFor();
    expect(await numbers(page)).toEqual(upTo(59));
  });

  it('delivers the bytes of the stream to the class of the browser, which reconnects all the time', async () => {
    const { url } = shared.product;
    await using visitor = await visit(shared.browser, url);
    const user = await signInOverHttp(url);
    const token = user.tokens.access_token;
    await using feed = await user.events();
    await expect.poll(() => feed.position).not.toBe('');
    const [after, last] = [feed.position, '"name":"The last room"'];
    const reading = readInPieces(
      pageReader(token, (expression) => visitor.page.evaluate<Visit>(expression)),
      { urls: [url], random: randomFrom(seed), after, longestVisit: 3, goesOn: () => true, last },
    );
    const { body } = await user.ask(await user.room(), 'In pieces [[chunks:40]][[delay:40]]');
    await feed.next((event) => event.type === 'reply.completed' && event.message_id === body.reply.id);
    await user.room('The last room');
    const { told, visits, codes } = await reading;
    const whole = await streamReader(token)(url, { after, events: Number.POSITIVE_INFINITY, last, cuts: false });
    expect(told).toEqual(whole.told);
    expect(visits).toBeGreaterThan(5);
    expect(codes).toEqual([]);
  });

  it('uses server-sent events if WebSockets are blocked, and opens them again to say whether the page is seen', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page } = visitor;
    let tried = 0;
    await page.routeWebSocket(/\/ws\?/, (route) => {
      tried += 1;
      void route.close({ code: 1011 });
    });
    const streams: string[] = [];
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname === '/events') streams.push(search);
    });
    await page.reload();
    await signIn(page);
    await ask(page, 'Without a socket [[chunks:60]][[delay:60]]');
    await answer(page).getByText('[3]').waitFor();
    await lookAway(page);
    await expect.poll(() => streams).toEqual(['', '?visible=false']);
    await lookAway(page, 'visible');
    await expect.poll(() => streams).toEqual(['', '?visible=false', '']);
    await answer(page).getByText('[59]').waitFor();
    expect(await numbers(page)).toEqual(upTo(59));
    expect(tried).toBe(1);
  });
});
