/** Commands of the operator's command line. Each returns the lines to print. */
import { normaliseNumber } from '../accounts/phone-number.ts';
import { ProblemError } from '../problems/problem.ts';
import { quotaChanged, quotaOf } from '../plans/quota.ts';
import { readUsage } from '../plans/store.ts';
import { StartRefused } from '../config/start-refused.ts';
import { applyEvent } from '../subscriptions/apply-event.ts';
import { listEvents, readRecordedEvent, replayEvent, type EventRow } from '../subscriptions/event-store.ts';
import { eventReceived } from '../subscriptions/job-kinds.ts';
import { syncEveryone } from '../subscriptions/reconcile.ts';
import { readCustomer, readStanding } from '../subscriptions/store.ts';
import { requestSync } from '../subscriptions/sync-store.ts';
import { sendSync, syncCustomer, syncNow, type SyncDeps } from '../subscriptions/sync.ts';
import type { Database } from '../ports/database.ts';
import { copyDatabase } from './copy-to.ts';
import { findUsers, grantTier } from './store.ts';

export interface AdminDeps extends Omit<SyncDeps, 'payments'> {
  readonly db: Database;
  readonly payments: SyncDeps['payments'] | null;
  /** Opens a PostgreSQL to copy into. Throws `StartRefused`, also unless the database is embedded. */
  readonly openCopy: (url: string) => Promise<Database>;
}

export interface Command {
  readonly usage: string;
  readonly about: string;
  run(deps: AdminDeps, args: readonly string[], options: CommandOptions): Promise<string[]>;
}

export interface CommandOptions {
  readonly limit: number;
  readonly customer: string | null;
}

export const commands: Readonly<Record<string, Command>> = {
  'users find': {
    usage: 'users find NUMBER|ID',
    about: 'users by a part of their number, or by id',
    async run({ db }, [query = '']) {
      if (!/\d/.test(query)) throw new StartRefused('users find needs a number, a part of one, or an id.');
      const found = await findUsers(db, query);
      if (found.length === 0) return ['Nobody found.'];
      return found.map((user) => {
        const granted = user.grantedTier === null ? '' : ' (granted)';
        const since = user.verifiedAt === null ? 'never signed in' : `since ${user.createdAt.toISOString()}`;
        return `${user.id}  ${user.mobileNumber}  ${user.tier}${granted}  ${since}`;
      });
    },
  },
  'users set-tier': {
    usage: 'users set-tier NUMBER PLAN|auto',
    about: 'grant a plan whatever is paid; auto: what is paid for decides again',
    async run(deps, [text = '', tier = '']) {
      const granted = deps.plans.all.find(({ id }) => id === tier)?.id ?? null;
      if (granted === null && tier !== 'auto')
        throw new StartRefused(`users set-tier takes ${deps.plans.all.map(({ id }) => id).join(', ')} or auto.`);
      const number = readNumber(text);
      const userId = await grantTier(deps.db, number, { granted, otherwise: deps.plans.free.id });
      if (userId === null) throw new StartRefused(`Nobody is registered with ${number}.`);
      deps.security.record('plan_changed', { userId, number, details: { to: tier, by: 'operator' } });
      if (tier === 'auto') await lookAgain(deps, userId);
      return [`${number} is ${await announce(deps, userId)}.`];
    },
  },
  'billing events': {
    usage: 'billing events [--limit 20] [--customer cus_…]',
    about: 'the newest events from Stripe and what became of them',
    async run({ db }, _args, { limit, customer }) {
      const events = await listEvents(db, limit, customer);
      if (events.length === 0) return ['No events.'];
      return events.map(
        (event) =>
          `${event.id}  ${event.eventId}  ${event.type}  ${event.customerId ?? '-'}  ${event.state}  ${event.receivedAt.toISOString()}`,
      );
    },
  },
  'billing replay': {
    usage: 'billing replay ID',
    about: "pass an event on again, by its number here or Stripe's id",
    async run(deps, [id = '']) {
      if (id === '') throw new StartRefused('billing replay needs the id of an event. See billing events.');
      const payments = configured(deps);
      const event = await receiveAgain(deps, id);
      await applyNow({ ...deps, payments }, event.id);
      const state = (await readRecordedEvent(deps.db, event.id))?.state;
      if (state === 'received')
        throw new StartRefused(`Stripe could not be asked about ${event.eventId}. The server will try again.`);
      return [`${event.eventId}  ${event.type}  ${state}`];
    },
  },
  'reconcile-billing': {
    usage: 'reconcile-billing',
    about: 'look at every customer at Stripe and set the plans right',
    async run(deps) {
      const { customers, failing } = await syncEveryone({ ...deps, payments: configured(deps) });
      if (failing > 0)
        throw new StartRefused(
          `Stripe could not be asked about ${failing} of ${customers} customer(s). The server will try again.`,
        );
      return [`Looked at ${customers} customer(s).`];
    },
  },
  'copy-to': {
    usage: 'copy-to postgres://USER@HOST/DATABASE',
    about: 'copy the embedded database into an empty PostgreSQL; run again to continue',
    async run({ db, openCopy }, [url = '']) {
      if (!/^postgres(ql)?:\/\//.test(url))
        throw new StartRefused('copy-to needs an address postgres://USER@HOST/DATABASE.');
      await using target = await openCopy(url);
      const lines = await copyDatabase(db, target);
      return [
        ...lines,
        'Counts and checksums are equal on both sides. The folder was only read. Next: docs/deployment.md.',
      ];
    },
  },
};

function configured({ payments }: AdminDeps): SyncDeps['payments'] {
  if (payments === null)
    throw new StartRefused(
      'Billing is not set up: set STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET and STRIPE_PRO_PRICE_ID.',
    );
  return payments;
}

/** Has an event applied again, by a server if not here. */
async function receiveAgain({ jobs }: AdminDeps, id: string): Promise<EventRow> {
  return jobs.transaction([eventReceived], async (tx, send) => {
    const event = await replayEvent(tx, id);
    if (event === null) throw new StartRefused(`There is no event ${id}. See billing events.`);
    await send(eventReceived, { eventRowId: event.id });
    return event;
  });
}

/** What fails here is tried again by a server: its jobs are sent. */
async function applyNow(deps: SyncDeps, eventRowId: number): Promise<void> {
  try {
    const userId = await applyEvent(deps, eventRowId);
    if (userId !== null) await syncCustomer(deps, userId);
  } catch (error) {
    deps.log.warn({ billing_event: eventRowId, err: error }, 'Stripe could not be asked about an event');
  }
}

function readNumber(text: string): string {
  try {
    return normaliseNumber(text, false);
  } catch (error) {
    if (error instanceof ProblemError) throw new StartRefused(`"${text}" is not a phone number in international form.`);
    throw error;
  }
}

async function lookAgain(deps: AdminDeps, userId: number): Promise<void> {
  const customer = await readCustomer(deps.db, userId);
  if (customer === null) return;
  if (deps.payments !== null) {
    await syncNow({ ...deps, payments: deps.payments }, userId, customer.customerId);
  } else {
    await requestSync(deps.db, customer.customerId);
    await sendSync(deps, userId);
  }
}

/** Publishes the change to the user's devices and returns the tier. */
async function announce({ db, feed, plans }: AdminDeps, userId: number): Promise<string> {
  const [usage, standing] = await Promise.all([readUsage(db, userId), readStanding(db, userId)]);
  if (usage === null) return 'gone';
  feed.publish(userId, [
    { type: 'subscription.changed', tier: usage.tier, status: standing?.status ?? 'none' },
    quotaChanged(quotaOf(usage, usage.usedToday, plans)),
  ]);
  return usage.tier;
}
