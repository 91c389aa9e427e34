/** The webhook with forged, malformed and repeated events. Log lines are checked for secrets. */
import { createHmac } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { request, signIn } from '../client.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import type { SignatureKind } from '../../dev/stripe/webhooks/signing.ts';
import { startProduct, type Place, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { customerOf, quiet, sellThrough, startCheckout, thinWebhookSecret, tierOf, webhookSecret } from './shop.ts';

/** Contained in every event; must never be logged. */
const mark = 'mark-of-the-body';
let place: Place;
let stripe: FakeStripe;
let running: RunningProduct;
/** All log output. */
let log: string;
let sql: Sql;
let number: string;
let customer: string;
/** An event that would make the user Pro. */
let event: string;

describeModes('the webhook', (mode) => {
  beforeAll(async () => {
    stripe = await startFakeStripe();
    place = await mode.place();
    log = '';
    const keep = { write: (line: string) => void (log += line) };
    running = await startProduct(place, { environment: sellThrough(stripe), log: pino({ level: 'trace' }, keep) });
    sql = sqlOf(running);
    const url = `${running.url}/subscribe/webhook`;
    stripe.deliveries.endpoints.push({ url, secret: webhookSecret }, { url, secret: thinWebhookSecret, thin: true });
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await stripe[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    const user = await signIn(running.url);
    number = user.number;
    const { session_id } = await startCheckout(user);
    customer = await customerOf(sql, number);
    const { subscription } = stripe.completeCheckout(session_id, { payment: 'succeeds' });
    const created = stripe.events('customer.subscription.created');
    event = created.find(({ data }) => (data.object as { id: string }).id === subscription.id)!.id;
  });

  /** All rows that a webhook could change. */
  async function state(): Promise<unknown> {
    const tables = ['billing_events', 'billing_customers', 'users'];
    const rows: unknown[] = [];
    for (const table of tables) rows.push(await sql(`select * from ${table} order by 1`));
    return rows;
  }

  /** Sends a body unchanged, signed now with a secret, or with the given header. */
  function send(body: string, { secret = webhookSecret, header }: { secret?: string; header?: string } = {}) {
    const headers = { 'content-type': 'application/json', 'stripe-signature': header ?? signature(body, secret) };
    return fetch(`${running.url}/subscribe/webhook`, { method: 'POST', body, headers });
  }

  function signature(body: string, secret: string, seconds = Math.floor(Date.now() / 1000)): string {
    return `t=${seconds},v1=${hmac(body, secret, seconds)}`;
  }

  const hmac = (body: string, secret: string, seconds: number | string) =>
    createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');

  function marked(fields: object = {}): string {
    const object = { id: 'sub_1', object: 'subscription', customer, metadata: { mark } };
    return JSON.stringify({
      id: `evt_${mark}`,
      object: 'event',
      type: 'customer.subscription.updated',
      data: { object },
      ...fields,
    });
  }

  async function expectRefused(answer: { status: number; headers: Headers; body: unknown }): Promise<void> {
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ code: 'invalid_signature', status: 400 });
    expect(JSON.stringify(answer.body)).not.toContain(mark);
  }

  describe('refuses', () => {
    const kinds: [SignatureKind, number][] = [
      ['forged', 0],
      ['altered', 0],
      ['absent', 0],
      ['stale', 0],
      ['valid', -301],
      ['valid', 301],
      ['valid', 86_400],
    ];
    it.each(kinds)('a %s signature, %i s off', async (signature, timestampOffsetSeconds) => {
      const before = await state();
      for (const thin of [false, true]) {
        const options = { signature, timestampOffsetSeconds, thin };
        // A thin event has no member that the fake could alter.
        if (thin && signature === 'altered') continue;
        const [result] = await stripe.deliveries.deliver(event, options);
        expect(result).toMatchObject({ status: 400 });
        expect(JSON.parse(result!.body)).toMatchObject({ code: 'invalid_signature' });
      }
      expect(await state()).toEqual(before);
      expect(await tierOf(sql, number)).toBe('Basic');
    });

    it('headers of every other shape', async () => {
      const before = await state();
      const body = marked();
      const now = Math.floor(Date.now() / 1000);
      const good = hmac(body, webhookSecret, now);
      const headers = [
        '',
        ',',
        'v1=',
        `v1=${good}`,
        `t=${now}`,
        `t=${now},v0=${good}`,
        `t=${now},v1=${good.slice(0, -1)}`,
        `t=${now},v1=${good}0`,
        `t=${now},v1=${hmac(body, '', now)}`,
        `t=${now},v1=${'0'.repeat(64)}`,
        `t=,v1=${hmac(body, webhookSecret, '')}`,
        `t=NaN,v1=${hmac(body, webhookSecret, 'NaN')}`,
        `t=Infinity,v1=${hmac(body, webhookSecret, 'Infinity')}`,
        `t=-1,v1=${hmac(body, webhookSecret, '-1')}`,
        `t=${now}e9,v1=${hmac(body, webhookSecret, `${now}e9`)}`,
        `t=${now},t=${now + 9999},v1=${hmac(body, webhookSecret, now + 9999)}`,
      ];
      for (const header of headers) {
        const response = await send(body, { header });
        await expectRefused({ status: response.status, headers: response.headers, body: await response.json() });
      }
      expect(await state()).toEqual(before);
    });

    it('signed bodies that are not events', async () => {
      const before = await state();
      const bodies = [
        '',
        '{',
        'null',
        '[]',
        '1',
        '"x"',
        '{}',
        '{"object":"event"}',
        marked({ data: null }),
        marked({ type: 1 }),
      ];
      const thin = '{"object": "v2.core.event"}';
      for (const body of bodies) {
        const response = await send(body);
        await expectRefused({ status: response.status, headers: response.headers, body: await response.json() });
      }
      const response = await send(thin, { secret: thinWebhookSecret });
      await expectRefused({ status: response.status, headers: response.headers, body: await response.json() });
      expect(await state()).toEqual(before);
    });

    it("snapshots under the thin events' secret, and thin events under the snapshots'", async () => {
      const before = await state();
      const snapshot = stripe.deliveries.request(event);
      const thin = stripe.deliveries.request(event, { thin: true });
      expect((await send(snapshot.body, { secret: thinWebhookSecret })).status).toBe(400);
      expect((await send(thin.body, { secret: webhookSecret })).status).toBe(400);
      expect(await state()).toEqual(before);
    });

    it('bodies that are too large, of another type, or without one', async () => {
      const before = await state();
      const huge = marked({ padding: 'x'.repeat(2 * 1024 * 1024) });
      expect((await send(huge)).status).toBe(413);
      const url = `${running.url}/subscribe/webhook`;
      const text = await fetch(url, { method: 'POST', body: marked(), headers: { 'content-type': 'text/plain' } });
      expect(text.status).toBe(415);
      const form = await fetch(url, { method: 'POST', body: new URLSearchParams({ mark }) });
      expect(form.status).toBe(415);
      expect((await request('POST', url)).status).toBe(400);
      expect((await request('GET', url)).status).toBe(404);
      expect(await state()).toEqual(before);
    });
  });

  describe('accepts', () => {
    it.each([-299, 0, 299])('a signature %i s off', async (timestampOffsetSeconds) => {
      const [result] = await stripe.deliveries.deliver(event, { timestampOffsetSeconds });
      expect(result).toMatchObject({ status: 200, body: '{"status":"received"}' });
      await quiet(sql);
      expect(await tierOf(sql, number)).toBe('Pro');
    });

    it('one valid signature among several, as during rotation of a secret', async () => {
      const body = marked({ id: 'evt_rolled' });
      const now = Math.floor(Date.now() / 1000);
      const header = `t=${now},v1=${hmac(body, 'whsec_old', now)},v1=${hmac(body, webhookSecret, now)},v0=abc`;
      expect((await send(body, { header })).status).toBe(200);
    });

    it('thin events with their own secret', async () => {
      const [result] = await stripe.deliveries.deliver(event, { thin: true });
      expect(result).toMatchObject({ status: 200 });
      await quiet(sql);
      expect(await tierOf(sql, number)).toBe('Pro');
      const stored = await sql(`select type, state, customer_id from billing_events order by id desc limit 1`);
      expect(stored).toEqual([{ type: 'customer.subscription.created', state: 'applied', customer_id: customer }]);
    });

    it('the same event many times at once, and applies it once', async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, () => stripe.deliveries.deliver(event, { times: 2 })),
      );
      expect(new Set(results.flat().map(({ status }) => status))).toEqual(new Set([200]));
      expect(await sql(`select count(*)::int as count from billing_events where event_id = $1`, [event])).toEqual([
        { count: 1 },
      ]);
    });

    it('unknown types, which are stored without effect', async () => {
      const unknown = marked({ id: 'evt_unknown', type: 'customer.subscription.teleported' });
      expect((await send(unknown)).status).toBe(200);
      const ping = JSON.stringify({ id: 'evt_ping', object: 'v2.core.event', type: 'v2.core.event_destination.ping' });
      expect((await send(ping, { secret: thinWebhookSecret })).status).toBe(200);
      const looks = stripe.calls.length;
      await quiet(sql);
      const stored = await sql(
        `select type, state from billing_events where event_id in ('evt_unknown', 'evt_ping') order by id`,
      );
      expect(stored).toEqual([
        { type: 'customer.subscription.teleported', state: 'ignored' },
        { type: 'v2.core.event_destination.ping', state: 'ignored' },
      ]);
      expect(stripe.calls).toHaveLength(looks);
    });

    it('events about unknown customers, which are stored without effect', async () => {
      const stranger = stripe.createCustomer();
      stripe.subscribe(stranger.id, { priceId: stripe.proPriceId, payment: 'succeeds' });
      // Payments are read by a job of its own, at any minute.
      const customers = () =>
        sql(`select to_jsonb(c) - 'payments_epoch' as customer from billing_customers c order by user_id`);
      const before = await customers();
      const theirs = stripe.events().filter(({ data }) => JSON.stringify(data).includes(stranger.id));
      for (const { id } of theirs) await stripe.deliveries.deliver(id);
      await quiet(sql);
      expect(await customers()).toEqual(before);
      const states = await sql('select distinct state from billing_events where customer_id = $1', [stranger.id]);
      expect(states).toEqual([{ state: 'ignored' }]);
    });

    it('every documented type, and handles each', async () => {
      const { relevantEvents } = await import('../../server/subscriptions/event-types.ts');
      for (const type of relevantEvents) {
        const body = marked({ id: `evt_of_${type}`, type });
        expect((await send(body)).status).toBe(200);
      }
      await quiet(sql);
      const rows = await sql<{ type: string }>(
        `select type from billing_events where event_id like 'evt_of_%' and state = 'applied'`,
      );
      expect(new Set(rows.map(({ type }) => type))).toEqual(relevantEvents);
    });
  });

  it('logs nothing of any body, signature or secret', () => {
    expect(log).toContain('/subscribe/webhook');
    for (const secret of [mark, webhookSecret, thinWebhookSecret, stripe.secretKey, 'v1=', 'cus_', 'evt_', number]) {
      expect(log.includes(secret), secret).toBe(false);
    }
  });
});
