/** Operators over HTTP: queue, billing events, audit log and settings; 404 for other accounts. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { readDocument } from '../contract/document.ts';
import { send } from '../contract/send.ts';
import { signIn, type Client } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { askAt, startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf } from '../sql.ts';
import { deliverTo, quiet, sellThrough, startCheckout, tierOf } from '../subscriptions/shop.ts';

const secret = randomBytes(24).toString('hex');

describeModes('the operator', (mode) => {
  const cleanUp = new AsyncDisposableStack();
  let running: RunningProduct;
  let stripe: FakeStripe;
  let admin: Client;
  let user: Client;

  beforeAll(async () => {
    const gemini = cleanUp.use(await startFakeGemini());
    stripe = cleanUp.use(await startFakeStripe());
    const place = cleanUp.use(await mode.place());
    const environment = { ...askAt(gemini), ...sellThrough(stripe), SECRET_KEY: secret };
    running = cleanUp.use(await startProduct(place, { environment }));
    deliverTo(stripe, running.url);
    [admin, user] = [await signIn(running.url), await signIn(running.url)];
    await sqlOf(running)(`update users set role = 'admin' where mobile_number = $1`, [admin.number]);
    await vi.waitFor(async () => expect((await admin.call('GET', '/admin/queue')).status).toBe(200));
  });
  afterAll(() => cleanUp.disposeAsync());

  it('is the only one with access: other accounts get 404 before validation, and callers without a token 401', async () => {
    const { operations } = await readDocument(running.url);
    const ours = operations.filter(({ path }) => path.startsWith('/admin'));
    expect(ours.length).toBeGreaterThanOrEqual(9);
    for (const { id, method, path } of ours) {
      for (const value of ['1', 'x']) {
        const filled = `${path.replaceAll(/\{\w+\}/g, value)}?limit=x`;
        const body = method === 'GET' ? undefined : '{"broken":';
        const asked = (token: string | null) => send(running.url, { method, path: filled, token, body });
        expect(await asked(user.tokens.access_token), id).toMatchObject({ status: 404, body: { code: 'not_found' } });
        expect((await asked(null)).status, id).toBe(401);
        expect([401, 404], id).not.toContain((await asked(admin.tokens.access_token)).status);
      }
    }
  });

  it('sees failures of the last day by code with samples, without text, and paused models', async () => {
    const roomId = await user.room();
    const word = `private${randomBytes(4).toString('hex')}`;
    for (let n = 0; n < 2; n += 1) {
      const { body } = await user.ask(roomId, `${word} ${n} [[fail:400]]`);
      await user.waitForReply(roomId, { messageId: body.id });
    }
    await sqlOf(running)(`insert into model_pauses (model, until) values ('slow', now() + interval '1 minute')`);
    const { body } = await admin.call('GET', '/admin/queue');
    expect(body).toMatchObject({ depth: 0, queued: 0, generating: 0, workers: 1 });
    expect(body.paused_models).toMatchObject([{ model: 'slow', missing_since: null }]);
    const [failures] = body.failures;
    expect(failures).toMatchObject({ code: 'request_refused', count: 2, samples: [{ attempts: 1 }, { attempts: 1 }] });
    expect(Date.parse(failures.samples[0].failed_at)).toBeGreaterThanOrEqual(Date.parse(failures.samples[1].failed_at));
    expect(JSON.stringify(body)).not.toContain(word);
  });

  it('lists billing events in pages, and replays one', async () => {
    const sql = sqlOf(running);
    const { session_id } = await startCheckout(user);
    stripe.completeCheckout(session_id, { payment: 'succeeds' });
    for (const { id } of stripe.deliveries.pendingEvents()) await stripe.deliveries.deliver(id);
    await quiet(sql);
    expect(await tierOf(sql, user.number)).toBe('Pro');
    const all = (await admin.call('GET', '/admin/billing/events')).body;
    expect(all.length).toBeGreaterThan(2);
    expect(all[0]).toMatchObject({
      event_id: expect.stringMatching(/^evt_/),
      state: expect.stringMatching(/applied|ignored/),
    });
    const first = await admin.call('GET', `/admin/billing/events?limit=1&customer=${all[0].customer_id}`);
    expect(first.body).toEqual([all[0]]);
    expect(first.headers.get('link')).toContain('rel="next"');
    const applied = all.find(({ state }: { state: string }) => state === 'applied');
    await sql(`update users set tier = 'Basic' where mobile_number = $1`, [user.number]);
    const replayed = await admin.call('POST', `/admin/billing/events/${applied.id}/replay`);
    expect(replayed).toMatchObject({ status: 202, body: { id: applied.id, state: 'received' } });
    await quiet(sql);
    await expect.poll(() => tierOf(sql, user.number), { timeout: 10_000 }).toBe('Pro');
    expect((await admin.call('POST', '/admin/billing/events/999999/replay')).status).toBe(404);
    const [entry] = (await admin.call('GET', '/admin/audit?limit=1')).body;
    expect(entry).toMatchObject({
      actor: 'admin',
      action: 'billing_event_replayed',
      user_id: null,
      details: { id: applied.id, event_id: applied.event_id },
    });
  });

  it('sees the settings in force, but no secret', async () => {
    const { body } = await admin.call('GET', '/admin/settings');
    const of = (name: string) => body.find((one: { name: string }) => one.name === name);
    expect(of('SECRET_KEY')).toMatchObject({ value: '********', is_default: false });
    expect(of('BASIC_DAILY_LIMIT')).toMatchObject({ value: '5', is_default: true });
    expect(JSON.stringify(body)).not.toContain(secret);
    expect(JSON.stringify(body)).not.toContain(stripe.secretKey);
  });
});
