/** Push messages: the browser subscribes, a message is shown unless a page is seen, and leads to its chat. */
import { describe, expect, it } from 'vitest';
import { sqlOf } from '../sql.ts';
import { barriersOn } from './barriers.ts';
import { shareBrowser } from './share-browser.ts';
import { canBrowse, lookAway, signIn, visit } from './visitor.ts';

const subscription = {
  endpoint: 'https://push.example.net/send/1',
  keys: { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) },
};

/** Chromium without Google's services has no push service. */
const pushService = `
  globalThis.asked = [];
  const made = { toJSON: () => (${JSON.stringify(subscription)}), unsubscribe: async () => ((current = null), true) };
  let current = null;
  PushManager.prototype.subscribe = async (options) => (asked.push(options), (current = made));
  PushManager.prototype.getSubscription = async () => current;
`;

describe.skipIf(!canBrowse)('in Chromium', { timeout: 90_000 }, () => {
  const shared = shareBrowser({ notifies: true });

  it('subscribes with the key of the server, again at each start, and ends that', async () => {
    await using visitor = await visit(shared.browser, shared.product.url, { bypassCSP: true });
    const { page, context } = visitor;
    await context.grantPermissions(['notifications']);
    await context.addInitScript(pushService);
    const calls: string[] = [];
    await context.route(`${shared.product.url}/`, async (route) => {
      const response = await route.fetch();
      const info = (await response.json()) as { features: string[] };
      await route.fulfill({ response, json: { ...info, features: [...info.features, 'push'] } });
    });
    await context.route('**/push/key', (route) => route.fulfill({ json: { public_key: 'the-key' } }));
    await context.route('**/user/push-subscriptions**', async (route) => {
      const request = route.request();
      calls.push(`${request.method()} ${new URL(request.url()).pathname} ${request.postData() ?? ''}`.trim());
      if (request.method() === 'GET')
        return route.fulfill({
          json: [
            { id: 7, current: true },
            { id: 8, current: false },
          ],
        });
      await route.fulfill({ status: request.method() === 'POST' ? 201 : 204, json: { id: 7 } });
    });
    await page.reload();
    await signIn(page);
    await page.goto(`${shared.product.url}/app/settings`);
    const tell = page.getByRole('checkbox', { name: 'Tell me when an answer is done' });
    await tell.check();
    const added = `POST /user/push-subscriptions ${JSON.stringify(subscription)}`;
    await expect.poll(() => calls).toEqual([added]);
    expect(await page.evaluate('asked')).toEqual([{ userVisibleOnly: true, applicationServerKey: 'the-key' }]);
    await page.reload();
    await expect.poll(() => calls).toEqual([added, added]);
    await page.getByRole('checkbox', { name: 'Quiet hours' }).check();
    await page.getByLabel('From').fill('23:30');
    const quiet = () => page.evaluate<string>('document.querySelector("input[type=time]").value');
    await expect.poll(quiet).toBe('23:30');
    const [settings] = await sqlOf(shared.product.running)<{ quiet: string }>(
      'select push_quiet::text as quiet from user_settings where push_quiet is not null',
    );
    expect(settings!.quiet).toContain('07:00');
    expect(await barriersOn(page)).toEqual([]);
    await tell.uncheck();
    await expect
      .poll(() => calls.slice(2))
      .toEqual(['GET /user/push-subscriptions', 'DELETE /user/push-subscriptions/7']);
    expect(visitor.complaints).toEqual([]);
  });

  it('tells the server over the socket whether any tab is seen', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page, context } = visitor;
    const told: boolean[] = [];
    await context.routeWebSocket(/\/ws\?/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((frame) => {
        const { type, visible } = JSON.parse(String(frame)) as { type: string; visible?: boolean };
        if (type === 'visibility') told.push(visible!);
        else server.send(frame);
      });
    });
    await page.reload();
    await signIn(page);
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    const other = await context.newPage();
    await other.goto(page.url());
    await other.getByRole('textbox', { name: 'Message' }).waitFor();
    const held = `navigator.locks.query().then(({ held }) => held.filter(({ name }) => name === 'pollux.visible').length)`;
    await expect.poll(() => page.evaluate(held)).toBe(2);
    await lookAway(page);
    await expect.poll(() => page.evaluate(held)).toBe(1);
    expect(told).toEqual([]);
    await lookAway(other);
    await expect.poll(() => told).toEqual([false]);
    await lookAway(page, 'visible');
    await expect.poll(() => told).toEqual([false, true]);
  });

  it('shows a message only where no page is seen', async () => {
    await using visitor = await visit(shared.browser, shared.product.url);
    const { page, context } = visitor;
    await context.grantPermissions(['notifications']);
    await signIn(page);
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    const session = await context.newCDPSession(page);
    const registered = new Promise<string>((resolve) => {
      session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        if (registrations[0]) resolve(registrations[0].registrationId);
      });
    });
    await session.send('ServiceWorker.enable');
    const registrationId = await registered;
    const push = (title: string) =>
      session.send('ServiceWorker.deliverPushMessage', {
        origin: shared.product.url,
        registrationId,
        data: JSON.stringify({
          type: 'reply.completed',
          chatroom_id: 7,
          message_id: 1,
          title,
          body: 'Room',
          tag: 'pollux-7',
        }),
      });
    const notices = () =>
      page.evaluate<string[]>(
        `navigator.serviceWorker.ready.then((one) => one.getNotifications()).then((all) => all.map(({ title, body, data }) => [title, body, data.path].join()))`,
      );
    await push('Seen');
    await page.goto('about:blank');
    await push('Your answer is ready');
    await page.goto(`${shared.product.url}/app/`);
    await expect.poll(notices).toEqual(['Your answer is ready,Room,/app/c/7']);
  });
});
