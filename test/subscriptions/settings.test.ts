/** Billing without settings, or with only some of them. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../server/config/config.ts';
import { request, signIn } from '../client.ts';
import { anyPlace, startProduct, testEnvironment } from '../harness.ts';
import { startFakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { hasWebClient } from '../../server/http/web-client.ts';
import { startProcess } from '../processes.ts';
import { freePort } from '../redis-server.ts';
import { sellThrough, startCheckout } from './shop.ts';

const whole = {
  STRIPE_SECRET_KEY: 'sk_test_1',
  STRIPE_WEBHOOK_SECRET: 'whsec_1',
  STRIPE_PRO_PRICE_ID: 'price_1',
};

describe('without STRIPE_*', () => {
  it('Pro, portal and webhook answer 503 billing_not_configured, and the rest works', async () => {
    await using place = await anyPlace();
    await using running = await startProduct(place);
    const user = await signIn(running.url);
    const answers = [
      await user.call('POST', '/subscribe/pro'),
      await user.call('POST', '/subscribe/portal'),
      await request('POST', `${running.url}/subscribe/webhook`, {
        body: {},
        headers: { 'stripe-signature': 't=1,v1=1' },
      }),
      await request('POST', `${running.url}/subscribe/webhook`),
    ];
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 503, body: { code: 'billing_not_configured' } });
    const { body } = await user.call('GET', '/subscribe/status');
    expect(body).toMatchObject({
      tier: 'Basic',
      status: 'none',
      daily_limit: 5,
      messages_used_today: 0,
      remaining_today: 5,
      current_period_end: null,
      cancel_at_period_end: false,
    });
    const room = await user.room();
    expect((await user.ask(room, 'hello')).status).toBe(202);
    await user.waitForReply(room);
    expect((await user.call('GET', '/subscribe/status')).body).toMatchObject({
      messages_used_today: 1,
      remaining_today: 4,
    });
  });
});

describe('some of STRIPE_*', () => {
  const names = Object.keys(whole) as (keyof typeof whole)[];

  it.each(names)('without %s refuses to start and names it', (name) => {
    const { [name]: _left, ...half } = whole;
    expect(() => parseConfig({ ...testEnvironment, ...half }, 'all')).toThrow(new RegExp(`^${name} must be set`));
    expect(() => parseConfig({ ...testEnvironment, ...whole, [name]: ' ' }, 'all')).toThrow(
      new RegExp(`^${name} must be set`),
    );
  });

  it.each(['STRIPE_API_BASE', 'STRIPE_THIN_WEBHOOK_SECRET'])(
    '%s alone refuses to start and names all missing settings',
    (name) => {
      for (const lacking of names) {
        expect(() => parseConfig({ ...testEnvironment, [name]: 'http://127.0.0.1:1' }, 'all')).toThrow(lacking);
      }
    },
  );

  it('an invalid URL refuses to start and names the setting', () => {
    expect(() => parseConfig({ ...testEnvironment, ...whole, STRIPE_API_BASE: 'stripe' }, 'all')).toThrow(
      'STRIPE_API_BASE',
    );
  });

  it('the process prints it and exits with 1', async () => {
    await expect(startProcess({ STRIPE_SECRET_KEY: 'sk_test_secret', DATA_DIR: '/nonexistent' })).rejects.toThrow(
      /ended with 1:[^]*STRIPE_WEBHOOK_SECRET must be set[^]*STRIPE_PRO_PRICE_ID must be set/,
    );
  });

  it('all of them start', () => {
    expect(parseConfig({ ...testEnvironment, ...whole }, 'all').stripe).toEqual({
      secretKey: 'sk_test_1',
      webhookSecret: 'whsec_1',
      thinWebhookSecret: null,
      apiBase: null,
    });
  });
});

describe('without FRONTEND_URL', () => {
  it("users return to this server's plans page", async () => {
    await using stripe = await startFakeStripe();
    await using place = await anyPlace();
    const PORT = String(await freePort());
    await using running = await startProduct(place, { environment: { ...sellThrough(stripe), PORT } });
    const user = await signIn(running.url);
    await startCheckout(user);
    expect((await user.call('POST', '/subscribe/portal')).status).toBe(201);
    const params = (path: string) => stripe.calls.find((call) => call.method === 'POST' && call.path === path)!.params;
    const plans = `${running.url}/app/plans`;
    expect(params('/v1/checkout/sessions')).toMatchObject({
      success_url: `${plans}?checkout=success&session_id={CHECKOUT_SESSION_ID}`,
      cancel_url: `${plans}?checkout=cancelled`,
    });
    expect(params('/v1/billing_portal/sessions')).toMatchObject({ return_url: plans });
    if (!hasWebClient) return;
    const page = await fetch(`${plans}?checkout=success&session_id=cs_1`, { headers: { accept: 'text/html' } });
    expect(page).toMatchObject({ status: 200, redirected: false });
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  });
});
