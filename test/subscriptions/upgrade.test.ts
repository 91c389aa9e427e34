/**
 * The plan changes during a day: the new limit applies to the next request, in every process and on every device.
 * Periodic work is disabled, so that events arrive because they were published, not because of a sweep.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { signIn, type Client, type EventStream } from '../client.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { startProduct, type Place, type RunningProduct } from '../harness.ts';
import { modes } from '../modes.ts';
import { deliverTo, sellThrough, startCheckout } from './shop.ts';

const limit = 2;
for (const mode of modes) {
  describe.skipIf(!mode.possible)(`a change of plan, ${mode.name}`, () => {
    let place: Place;
    const running: RunningProduct[] = [];
    let stripe: FakeStripe;
    let user: Client;
    let room: number;
    /** URL for the next requests: of a process other than the one that applied the change. */
    let elsewhere: string;

    beforeAll(async () => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      stripe = await startFakeStripe({ automatic: true, retryDelaysMs: [200] });
      place = await mode.place();
      const environment = { ...sellThrough(stripe), BASIC_DAILY_LIMIT: String(limit) };
      for (const role of (['all', 'api'] as const).slice(0, mode.apis)) {
        running.push(await startProduct(place, { environment, role }));
      }
      deliverTo(stripe, running[0]!.url);
      elsewhere = running.at(-1)!.url;
    });
    afterAll(async () => {
      await stripe[Symbol.asyncDispose]();
      for (const one of running.toReversed()) await one[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
      vi.useRealTimers();
    });
    beforeEach(async () => {
      user = await signIn(running[0]!.url);
      room = await user.room();
    });

    const ask = (content: string) =>
      user.call('POST', `/chatroom/${room}/message`, { body: { content }, url: elsewhere });

    async function askUpToTheLimit(): Promise<void> {
      for (let count = 0; count < limit; count++) expect((await ask('hello')).status).toBe(202);
      expect((await ask('one too many')).body.code).toBe('daily_limit_reached');
    }

    async function pay(): Promise<string> {
      const { session_id } = await startCheckout(user);
      return stripe.completeCheckout(session_id, { payment: 'succeeds' }).subscription.id;
    }

    async function isPro(): Promise<void> {
      const me = () => user.call('GET', '/user/me', { url: elsewhere });
      await expect.poll(async () => (await me()).body.subscription_tier, { timeout: 10_000 }).toBe('Pro');
    }

    /** Waits for both events of a change. */
    async function told(feed: EventStream, tier: string): Promise<void> {
      const plan = await feed.next((event) => event.type === 'subscription.changed' && event.tier === tier);
      const quota = { type: 'quota.changed', daily_limit: tier === 'Pro' ? null : limit };
      const index = feed.received.indexOf(plan);
      await feed.next(
        (event) =>
          event.type === quota.type &&
          event.daily_limit === quota.daily_limit &&
          feed.received.findIndex((one) => one.event === event) > index,
      );
    }

    it('upgrade: a user at the limit pays and continues without signing in again', async () => {
      await using phone = await user.events();
      await using laptop = await user.events({ url: elsewhere });
      await askUpToTheLimit();
      const [first, second] = await Promise.all([
        user.call('POST', '/subscribe/pro'),
        user.call('POST', '/subscribe/pro'),
      ]);
      expect(first.status).toBe(201);
      expect(second.body).toEqual(first.body);
      stripe.completeCheckout(first.body.session_id, { payment: 'succeeds' });
      for (const feed of [phone, laptop]) await told(feed, 'Pro');

      const answer = await ask('and on');
      expect(answer.status).toBe(202);
      expect(answer.headers.get('ratelimit')).toBeNull();
      const status = await user.call('GET', '/subscribe/status', { url: elsewhere });
      expect(status.body).toMatchObject({
        tier: 'Pro',
        status: 'active',
        daily_limit: null,
        messages_used_today: limit + 1,
        remaining_today: null,
      });
      expect((await user.call('GET', '/user/me', { url: elsewhere })).body).toMatchObject({
        subscription_tier: 'Pro',
        daily_message_count: limit + 1,
      });
      expect((await user.call('POST', '/subscribe/pro', { url: elsewhere })).body.code).toBe('already_subscribed');
    });

    it("downgrade: the day's count applies at once", async () => {
      const subscription = await pay();
      await using feed = await user.events({ url: elsewhere });
      await isPro();
      for (let count = 0; count <= limit; count++) expect((await ask('as Pro')).status).toBe(202);
      stripe.cancelNow(subscription);
      await told(feed, 'Basic');
      const refused = await ask('past the limit');
      expect(refused).toMatchObject({
        status: 429,
        body: {
          code: 'daily_limit_reached',
          detail: expect.stringContaining('; Pro has no limit.'),
          upgrade_url: '/subscribe/pro',
        },
      });
      expect((await user.call('GET', '/subscribe/status', { url: elsewhere })).body).toMatchObject({
        tier: 'Basic',
        daily_limit: limit,
        remaining_today: 0,
      });
    });

    it('downgrade below the limit: the rest of the daily limit remains', async () => {
      const subscription = await pay();
      await using feed = await user.events({ url: elsewhere });
      await isPro();
      expect((await ask('as Pro')).status).toBe(202);
      stripe.refund(subscription);
      await told(feed, 'Basic');
      expect((await ask('the last one')).status).toBe(202);
      expect((await ask('one too many')).status).toBe(429);
    });

    it('after a hundred changes in a row the last one applies', async () => {
      const subscription = await pay();
      for (let count = 0; count < 50; count++) {
        stripe.pause(subscription);
        stripe.unpause(subscription);
      }
      const paused = stripe.pause(subscription);
      expect(paused.status).toBe('paused');
      const standing = async () => (await user.call('GET', '/subscribe/status', { url: elsewhere })).body;
      await expect.poll(standing, { timeout: 20_000 }).toMatchObject({ tier: 'Basic', status: 'paused' });
      await askUpToTheLimit();
    });
  });
}
