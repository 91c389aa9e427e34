/** Checkout and portal: one customer and one session despite repeated clicks, lost answers, expiry and outages. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { request, signIn, type Answer, type Client } from '../client.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { startProduct, type Place, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { customerOf, quiet, reconcileEveryone, sellThrough, startCheckout, tierOf } from './shop.ts';

const frontend = 'http://app.example.com';
const sessions = '/v1/checkout/sessions';
let place: Place;
let stripe: FakeStripe;
let running: RunningProduct;
let other: RunningProduct;
let sql: Sql;
let user: Client;

describeModes('becoming Pro', (mode) => {
  beforeAll(async () => {
    stripe = await startFakeStripe();
    place = await mode.place();
    const environment = { ...sellThrough(stripe), FRONTEND_URL: `${frontend}/` };
    running = await startProduct(place, { environment });
    other = mode.apis === 1 ? running : await startProduct(place, { environment, role: 'api' });
    sql = sqlOf(running);
  });
  afterAll(async () => {
    if (other !== running) await other[Symbol.asyncDispose]();
    await running[Symbol.asyncDispose]();
    await stripe[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    user = await signIn(running.url);
  });
  afterEach(() => stripe.faults.clear());

  const ask = (url = running.url) => user.call('POST', '/subscribe/pro', { url });
  const portal = () => user.call('POST', '/subscribe/portal');
  const view = async () => stripe.customer(await customerOf(sql, user.number));

  /** Requests to the fake since a given time, including replayed and lost ones. */
  function callsSince(start: number, method: string, path: string) {
    return stripe.calls.slice(start).filter((call) => call.method === method && call.path.startsWith(path));
  }

  function expectOneSession(answers: readonly Answer[]): void {
    for (const answer of answers) {
      expect(answer.status).toBe(201);
      expect(answer.body).toEqual(answers[0]!.body);
    }
  }

  async function expectUnavailable(answer: Answer): Promise<void> {
    expect(answer).toMatchObject({ status: 503, body: { code: 'billing_unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  }

  describe('a session', () => {
    it('is for Pro and this user, and returns to the client', async () => {
      const { session_id, url } = await startCheckout(user);
      expect(url).toBe(`${stripe.url}/c/pay/${session_id}`);
      const me = await user.call('GET', '/user/me');
      const call = callsSince(0, 'POST', sessions).at(-1)!;
      expect(call.params).toMatchObject({
        mode: 'subscription',
        customer: await customerOf(sql, user.number),
        client_reference_id: String(me.body.id),
        success_url: `${frontend}/?checkout=success&session_id={CHECKOUT_SESSION_ID}`,
        cancel_url: `${frontend}/?checkout=cancelled`,
      });
      expect(JSON.stringify(call.params.line_items)).toContain(stripe.proPriceId);
      // No personal data is sent to Stripe, only our id.
      expect(JSON.stringify(stripe.calls)).not.toContain(user.number.slice(1));
    });

    it('requires a signed-in user', async () => {
      for (const path of ['/subscribe/pro', '/subscribe/portal']) {
        expect((await request('POST', running.url + path)).status).toBe(401);
      }
      expect((await request('GET', `${running.url}/subscribe/status`)).status).toBe(401);
    });

    it('is reused while it is open', async () => {
      expectOneSession([await ask(), await ask(), await ask(other.url)]);
      expect((await view()).sessions).toHaveLength(1);
    });

    it('is created once for two clicks, and for twenty at two processes', async () => {
      for (const clicks of [2, 20]) {
        user = await signIn(running.url);
        const start = stripe.calls.length;
        const urls = Array.from({ length: clicks }, (_, index) => (index % 2 === 0 ? running : other).url);
        expectOneSession(await Promise.all(urls.map((url) => ask(url))));
        expect((await view()).sessions).toHaveLength(1);
        const made = callsSince(start, 'POST', '/v1/customers').filter(
          ({ status, replayed }) => status === 200 && !replayed,
        );
        expect(made).toHaveLength(1);
      }
    });

    it('is created once when the connection breaks after Stripe created it', async () => {
      const start = stripe.calls.length;
      stripe.faults.inject({ method: 'POST', path: '/v1/customers', drop: true, afterWork: true });
      stripe.faults.inject({ method: 'POST', path: sessions, drop: true, afterWork: true });
      expectOneSession(await Promise.all([ask(), ask(other.url)]));
      expect((await view()).sessions).toHaveLength(1);
      expect(callsSince(start, 'POST', sessions).some(({ replayed }) => replayed)).toBe(true);
    });

    it('is created once when the first answers are lost and the user clicks again', async () => {
      const heal = stripe.faults.inject({
        method: 'POST',
        path: sessions,
        drop: true,
        afterWork: true,
        times: Infinity,
      });
      await expectUnavailable(await ask());
      heal();
      expect((await ask()).status).toBe(201);
      expect((await view()).sessions).toHaveLength(1);
    });

    it('is a new one after a failure, which Stripe stores with the idempotency key', async () => {
      const start = stripe.calls.length;
      const heal = stripe.faults.inject({ method: 'POST', path: sessions, status: 500, times: Infinity });
      await expectUnavailable(await ask());
      heal();
      expect((await ask()).status).toBe(201);
      const keys = callsSince(start, 'POST', sessions).map(({ idempotencyKey }) => idempotencyKey);
      expect(keys.at(-1)).not.toBe(keys[0]);
    });

    it('is a new one after the last one expired, created once', async () => {
      const first = await startCheckout(user);
      stripe.expireCheckout(first.session_id);
      const answers = await Promise.all([ask(), ask(other.url), ask()]);
      expectOneSession(answers);
      expect(answers[0].body.session_id).not.toBe(first.session_id);
      expect((await view()).sessions.map(({ status }) => status).toSorted()).toEqual(['expired', 'open']);
    });

    it('is a new one when Stripe does not know the last one', async () => {
      await startCheckout(user);
      await sql(`update billing_customers set checkout_id = 'cs_of_another_mode' where customer_id = $1`, [
        await customerOf(sql, user.number),
      ]);
      expect((await ask()).status).toBe(201);
    });
  });

  describe('a paid session whose event is missing', () => {
    let subscription: string;
    beforeEach(async () => {
      const { session_id } = await startCheckout(user);
      subscription = stripe.completeCheckout(session_id, { payment: 'succeeds' }).subscription.id;
    });

    it('is found by asking Stripe: 409, and the plan is active', async () => {
      expect(await tierOf(sql, user.number)).toBe('Basic');
      const answer = await ask();
      expect(answer).toMatchObject({ status: 409, body: { code: 'already_subscribed' } });
      await quiet(sql);
      expect(await tierOf(sql, user.number)).toBe('Pro');
      expect((await ask()).body.code).toBe('already_subscribed');
      expect((await view()).sessions).toHaveLength(1);
    });

    it('is not sold a second time while Stripe does not answer', async () => {
      const heal = stripe.faults.inject({ path: '/v1/subscriptions', status: 500, times: Infinity });
      await expectUnavailable(await ask());
      await expectUnavailable(await ask());
      heal();
      expect((await ask()).body.code).toBe('already_subscribed');
      expect((await view()).sessions).toHaveLength(1);
    });

    it('is not sold a second time while another request asks Stripe', async () => {
      const gate = stripe.faults.hold({ path: '/v1/invoices' });
      const asked = Promise.all([ask(), ask(other.url)]);
      await gate.arrived(2);
      gate.open();
      for (const answer of await asked) expect(answer.body.code).toBe('already_subscribed');
      expect((await view()).sessions).toHaveLength(1);
    });

    it('allows a new session once its subscription has ended', async () => {
      stripe.cancelNow(subscription);
      expect((await ask()).status).toBe(201);
      expect((await view()).sessions).toHaveLength(2);
    });
  });

  describe('a customer', () => {
    it('that was deleted at Stripe is replaced once', async () => {
      await startCheckout(user);
      const gone = await customerOf(sql, user.number);
      stripe.deleteCustomer(gone);
      await reconcileEveryone(sql);
      const answers = await Promise.all([ask(), ask(other.url)]);
      expectOneSession(answers);
      expect(await customerOf(sql, user.number)).not.toBe(gone);
      expect((await view()).sessions).toHaveLength(1);
      stripe.completeCheckout(answers[0].body.session_id, { payment: 'succeeds' });
      expect((await ask()).body.code).toBe('already_subscribed');
    });

    it('of another Stripe account or mode is replaced once, for the portal too', async () => {
      await sql(
        `insert into billing_customers (user_id, customer_id, checkout_id) select id, 'cus_of_test_mode', 'cs_of_test_mode' from users where mobile_number = $1`,
        [user.number],
      );
      expect((await portal()).status).toBe(201);
      expect(await customerOf(sql, user.number)).not.toBe('cus_of_test_mode');
      expect((await ask()).status).toBe(201);
    });
  });

  describe('the portal', () => {
    it("is the user's own, and exists before any purchase", async () => {
      const { status, body } = await portal();
      expect(status).toBe(201);
      expect(body.url).toMatch(new RegExp(`^${stripe.url}/p/session/bps_`));
      const call = callsSince(0, 'POST', '/v1/billing_portal/sessions').at(-1)!;
      expect(call.params).toEqual({ customer: await customerOf(sql, user.number), return_url: `${frontend}/` });
    });
  });

  describe('Stripe in trouble', () => {
    it.each([
      ['down', { status: 500 }],
      ['cutting connections', { drop: true }],
      ['asking to slow down', { status: 429 }],
    ] as const)('%s: 503 with Retry-After, and other operations work', async (_name, fault) => {
      stripe.faults.inject({ ...fault, times: Infinity });
      await expectUnavailable(await ask());
      await expectUnavailable(await portal());
      expect((await user.call('GET', '/subscribe/status')).body).toMatchObject({ tier: 'Basic', status: 'none' });
      expect((await user.ask(await user.room(), 'hello')).status).toBe(202);
      stripe.faults.clear();
      expect((await ask()).status).toBe(201);
      expect((await portal()).status).toBe(201);
    });

    it("no answer at all: 503 before a client's time-out", { timeout: 60_000 }, async () => {
      const gate = stripe.faults.hold({ path: '/v1/customers' });
      const began = performance.now();
      await expectUnavailable(await ask());
      expect(performance.now() - began).toBeLessThan(20_000);
      gate.open();
    });
  });
});
