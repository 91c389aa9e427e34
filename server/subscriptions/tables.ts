/** Who is a customer of the payment vendor, what is known of it, and which events were taken. */
import { users } from '../accounts/tables.ts';
import { bigint, boolean, index, integer, pgTable, sql, text, timestamp } from '../migrations/drizzle.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/**
 * One row a customer. `requested` counts the reasons to sync it, `done` the reasons that the last sync covered; they
 * differ exactly while there is work.
 */
export const billingCustomers = pgTable(
  'billing_customers',
  {
    userId: bigint('user_id', { mode: 'number' })
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    customerId: text('customer_id').notNull().unique(),
    /** The vendor's word for the subscription that counts, `none` without one. */
    status: text().notNull().default('none'),
    subscriptionId: text('subscription_id'),
    currentPeriodEnd: moment('current_period_end'),
    cancelAtPeriodEnd: boolean('cancel_at_period_end').notNull().default(false),
    requested: integer().notNull().default(0),
    done: integer().notNull().default(0),
    /** Goes up with every sync; a sync whose epoch is not the row's may write nothing. */
    epoch: integer().notNull().default(0),
    /** When to sync again though nobody said that anything changed. */
    recheckAt: moment('recheck_at').notNull().defaultNow(),
    /** Part of the idempotency key of the next Checkout session, so that two clicks make one. */
    checkoutRound: integer('checkout_round').notNull().default(0),
    checkoutId: text('checkout_id'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('billing_customers_open')
      .on(table.userId)
      .where(sql`requested > done`),
    index('billing_customers_recheck').on(table.recheckAt),
  ],
);

/** Each event once, by the vendor's id. Bodies are not kept: the vendor is asked, not the event. */
export const billingEvents = pgTable(
  'billing_events',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    eventId: text('event_id').notNull().unique(),
    type: text().notNull(),
    customerId: text('customer_id'),
    objectType: text('object_type'),
    objectId: text('object_id'),
    /** `received` until a worker has passed it on; `ignored` when it is not about anything of ours. */
    state: text({ enum: ['received', 'applied', 'ignored'] })
      .notNull()
      .default('received'),
    receivedAt: moment('received_at').notNull().defaultNow(),
  },
  (table) => [
    index('billing_events_open')
      .on(table.id)
      .where(sql`state = 'received'`),
    index('billing_events_customer').on(table.customerId, table.id),
    index('billing_events_age').on(table.receivedAt),
  ],
);
