/** The operator's commands with servers running: one of each outcome as a real process, the others in this one. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commands } from '../../server/admin/commands.ts';
import { signIn, type Client } from '../client.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { distributedPlace, startProduct, type Environment, type Place, type RunningProduct } from '../harness.ts';
import { services } from '../services.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { customerOf, deliverTo, quiet, sellThrough, startCheckout, tierOf } from '../subscriptions/shop.ts';
import { runAdmin, runAdminHere, type AdminResult } from './run-admin.ts';

let place: Place;
let stripe: FakeStripe;
let running: RunningProduct;
let environment: Environment;
let sql: Sql;
let user: Client;

// A process of its own loads the product.
const options = { timeout: 60_000 };

describe.skipIf(!services.postgres || !services.redis)('operator commands', options, () => {
  beforeAll(async () => {
    stripe = await startFakeStripe();
    place = await distributedPlace();
    environment = { ...place.environment, ...sellThrough(stripe), BASIC_DAILY_LIMIT: '1' };
    running = await startProduct(place, { environment });
    deliverTo(stripe, running.url);
    sql = sqlOf(running);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await stripe[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    user = await signIn(running.url);
  });
  afterEach(() => stripe.faults.clear());

  const admin = (...args: string[]) => runAdminHere(environment, ...args);
  const tier = () => tierOf(sql, user.number);

  function expectDone({ code, lines, complaint }: AdminResult): readonly string[] {
    expect(complaint).toBe('');
    expect(code).toBe(0);
    return lines;
  }

  function expectRefused({ code, lines, complaint }: AdminResult, words: string | RegExp): void {
    expect(code).toBe(1);
    expect(lines).toEqual([]);
    expect(complaint).toMatch(words);
    // A sentence without a stack.
    expect(complaint.trim().split('\n')).toHaveLength(1);
  }

  /** Pays; all events about it are lost. */
  async function payUnheard(): Promise<string> {
    const { session_id } = await startCheckout(user);
    const { subscription } = stripe.completeCheckout(session_id, { payment: 'succeeds' });
    for (const { id } of stripe.deliveries.pendingEvents()) stripe.deliveries.drop(id);
    return subscription.id;
  }

  /** Pays with delivered events; returns the events. */
  async function pay(): Promise<string[]> {
    const { session_id } = await startCheckout(user);
    stripe.completeCheckout(session_id, { payment: 'succeeds' });
    const ids = stripe.deliveries.pendingEvents().map(({ id }) => id);
    for (const id of ids) await stripe.deliveries.deliver(id);
    await quiet(sql);
    expect(await tier()).toBe('Pro');
    return ids;
  }

  describe('the command line', () => {
    it('explains every command with --help and without arguments', async () => {
      for (const result of await Promise.all([runAdmin(environment, '--help'), admin()])) {
        const help = expectDone(result).join('\n');
        for (const usage of Object.values(commands).map((command) => command.usage)) {
          expect(help).toContain(usage);
        }
      }
    });

    const mistakes: [string[], RegExp][] = [
      [['users'], /"users" is no command/],
      [['constructor'], /"constructor" is no command/],
      [['users', 'find', '+'], /needs a number/],
      [['users', 'set-tier', '+14155550123', 'pro'], /takes Basic, Pro or auto/],
      [['users', 'set-tier', 'Ann', 'Pro'], /"Ann" is not a phone number/],
      [['users', 'set-role', '+14155550123', 'king'], /takes user or admin/],
      [['users', 'block', '+14155550123'], /Nobody is registered with \+14155550123/],
      [['users', 'set-tier', '+14155550123', 'Pro'], /Nobody is registered with \+14155550123/],
      [['billing', 'events', '--limit', '0'], /--limit takes a whole number/],
      [['billing', 'events', '--what'], /--what/],
      [['billing', 'replay'], /needs the id of an event/],
      [['billing', 'replay', 'evt_none'], /no event evt_none/],
    ];
    it.each(mistakes)('%j is refused with a sentence', async (args, words) => {
      expectRefused(await admin(...args), words);
    });

    it('incomplete settings are refused as at the start of the server', async () => {
      const half = { ...environment, STRIPE_PRO_PRICE_ID: '' };
      expectRefused(await runAdmin(half, 'users', 'find', '1'), /STRIPE_PRO_PRICE_ID must be set/);
    });
  });

  describe('users find', () => {
    it('finds users by the whole number, a part of it, and the id', async () => {
      const { id } = (await user.call('GET', '/user/me')).body;
      const spaced = `${user.number.slice(0, 5)} ${user.number.slice(5)}`;
      const queries = [spaced, user.number.slice(4), String(id)];
      const found = await Promise.all(queries.map((query) => admin('users', 'find', query)));
      for (const result of found) {
        const line = new RegExp(`^${id}  \\${user.number}  Basic  since 20\\d\\d-`);
        expect(expectDone(result)).toContainEqual(expect.stringMatching(line));
      }
    });

    it('reports when nobody is found', async () => {
      expect(expectDone(await runAdmin(environment, 'users', 'find', '99999999999999'))).toEqual(['Nobody found.']);
    });
  });

  describe('users set-tier', () => {
    it('grants Pro: the next message is accepted, devices are informed, and no sync with Stripe revokes it', async () => {
      const room = await user.room();
      await user.ask(room, 'the only one today');
      expect((await user.ask(room, 'one too many')).status).toBe(429);
      await using feed = await user.events();
      await startCheckout(user);
      expect(expectDone(await admin('users', 'set-tier', user.number, 'Pro'))).toEqual([`${user.number} is Pro.`]);
      await feed.next((event) => event.type === 'subscription.changed' && event.tier === 'Pro');
      await feed.next((event) => event.type === 'quota.changed' && event.daily_limit === null);
      expect((await user.ask(room, 'and on')).status).toBe(202);
      expectDone(await admin('reconcile-billing'));
      expect(await tier()).toBe('Pro');
      expect(expectDone(await admin('users', 'find', user.number))[0]).toContain('Pro (granted)');
      expect(expectDone(await admin('users', 'set-tier', user.number, 'auto'))).toEqual([`${user.number} is Basic.`]);
      await feed.next((event) => event.type === 'subscription.changed' && event.tier === 'Basic');
      expect((await user.ask(room, 'no more')).status).toBe(429);
    });

    it('Basic overrides a paid plan, and auto restores it', async () => {
      await pay();
      expect(expectDone(await admin('users', 'set-tier', user.number, 'Basic'))).toEqual([`${user.number} is Basic.`]);
      expectDone(await admin('reconcile-billing'));
      expect(await tier()).toBe('Basic');
      expect(expectDone(await admin('users', 'set-tier', user.number, 'auto'))).toEqual([`${user.number} is Pro.`]);
      expect(await tier()).toBe('Pro');
    });

    it('auto without access to Stripe leaves the sync to the server', async () => {
      await pay();
      await admin('users', 'set-tier', user.number, 'Basic');
      await runAdminHere(place.environment, 'users', 'set-tier', user.number, 'auto');
      await expect.poll(tier, { timeout: 10_000 }).toBe('Pro');
    });
  });

  describe('roles, blocks and the audit log', () => {
    it('are the same as over HTTP', async () => {
      const lines = async (...args: string[]) => expectDone(await admin(...args));
      expect(await lines('users', 'set-role', user.number, 'admin')).toEqual([`${user.number} has the role admin.`]);
      expect((await lines('users', 'find', user.number))[0]).toMatch(/ {2}admin$/);
      await expect.poll(async () => (await user.call('GET', '/admin/queue')).status).toBe(200);
      for (const last of [
        ['users', 'set-role', user.number, 'user'],
        ['users', 'block', user.number],
      ]) {
        expectRefused(await admin(...last), /the only administrator/);
      }
      const guest = await signIn(running.url);
      expect(await lines('users', 'block', guest.number)).toEqual([`${guest.number} is blocked.`]);
      await expect.poll(async () => (await guest.call('GET', '/user/me')).status, { timeout: 1000 }).toBe(401);
      expect((await lines('users', 'find', guest.number))[0]).toMatch(/ {2}blocked$/);
      expect(await lines('users', 'unblock', guest.number)).toEqual([`${guest.number} is not blocked.`]);
      await signIn(running.url, { number: guest.number });
      expect(await lines('users', 'sign-out', guest.number)).toEqual([`${guest.number}: 1 session(s) ended.`]);
      const audit = await lines('audit', '--limit', '4');
      expect(audit.map((line) => line.split('  ')[3])).toEqual([
        'sessions_ended',
        'unblocked',
        'blocked',
        'role_changed',
      ]);
      const shown = (await user.call('GET', '/admin/audit?limit=4')).body;
      expect(shown.map(({ actor }: { actor: string }) => actor)).toEqual(Array(4).fill('command'));
      await sql(`update users set role = 'user' where mobile_number = $1`, [user.number]);
    });

    it('show queue and settings without secrets', async () => {
      expect(expectDone(await admin('queue'))[0]).toMatch(/^0 due, .* 1 worker\(s\)$/);
      const settings = expectDone(await admin('settings'));
      expect(settings).toContain('SECRET_KEY=********');
      expect(settings).toContain('BASIC_DAILY_LIMIT=1');
      expect(settings.join('\n')).not.toContain(stripe.secretKey);
    });
  });

  describe('billing events', () => {
    it('lists the newest first, of all customers or one, up to the given number', async () => {
      const ids = await pay();
      const customer = await customerOf(sql, user.number);
      const all = expectDone(await admin('billing', 'events', '--customer', customer, '--limit', '1000'));
      expect(all).toHaveLength(ids.length);
      for (const line of all) {
        expect(line).toMatch(new RegExp(`^\\d+  evt_\\w+  [a-z_.]+  ${customer}  (applied|ignored)  20\\d\\d-\\S+Z$`));
      }
      const numbers = all.map((line) => Number.parseInt(line, 10));
      expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
      const two = expectDone(await admin('billing', 'events', '--limit', '2'));
      expect(two).toEqual(all.slice(0, 2));
      expect(expectDone(await admin('billing', 'events', '--customer', 'cus_none'))).toEqual(['No events.']);
    });
  });

  describe('billing replay', () => {
    it("processes an event again, by Stripe's id or ours", async () => {
      await pay();
      const [row] = await sql<{ id: number; event_id: string; type: string }>(
        `select id, event_id, type from billing_events where state = 'applied' order by id desc limit 1`,
      );
      for (const id of [row!.event_id, String(row!.id)]) {
        // As if the change had been lost.
        await sql(`update users set tier = 'Basic' where mobile_number = $1`, [user.number]);
        expect(expectDone(await admin('billing', 'replay', id))).toEqual([`${row!.event_id}  ${row!.type}  applied`]);
        await quiet(sql);
        expect(await tier()).toBe('Pro');
      }
    });

    it('reports when Stripe cannot be asked for the customer', async () => {
      await pay();
      const { subscriptions } = stripe.customer(await customerOf(sql, user.number));
      stripe.openDispute(subscriptions[0]!.id);
      const { id } = stripe.events('charge.dispute.created').at(-1)!;
      await stripe.deliveries.deliver(id);
      await quiet(sql);
      await sql(`update billing_events set customer_id = null where event_id = $1`, [id]);
      stripe.faults.inject({ status: 500, times: Infinity });
      expectRefused(await admin('billing', 'replay', id), new RegExp(`Stripe could not be asked about ${id}`));
      stripe.faults.clear();
      await quiet(sql);
      expect(await sql('select state from billing_events where event_id = $1', [id])).toEqual([{ state: 'applied' }]);
    });
  });

  describe('reconcile-billing', () => {
    it('repairs missed changes', async () => {
      const subscription = await payUnheard();
      expect(await tier()).toBe('Basic');
      const [line] = expectDone(await admin('reconcile-billing'));
      const [{ count }] = (await sql<{ count: number }>('select count(*)::int as count from billing_customers')) as [
        { count: number },
      ];
      expect(line).toBe(`Looked at ${count} customer(s).`);
      expect(await tier()).toBe('Pro');
      stripe.cancelNow(subscription);
      expectDone(await admin('reconcile-billing'));
      expect(await tier()).toBe('Basic');
    });

    it('reports when Stripe cannot be asked, and the server keeps trying', async () => {
      await payUnheard();
      stripe.faults.inject({ status: 500, times: Infinity });
      expectRefused(await admin('reconcile-billing'), /Stripe could not be asked about [1-9]\d* of \d+ customer/);
      expect(await tier()).toBe('Basic');
      stripe.faults.clear();
      await expect.poll(tier, { timeout: 20_000 }).toBe('Pro');
    });

    it('reports when Stripe is not configured', async () => {
      for (const command of [['reconcile-billing'], ['billing', 'replay', 'evt_1']]) {
        expectRefused(
          await runAdminHere(place.environment, ...command),
          /Billing is not set up: set STRIPE_SECRET_KEY/,
        );
      }
    });
  });
});
