/** Customers of the payment vendor with their state, and recorded events. */
import { users } from '../accounts/tables.ts';
import { bigint, boolean, index, integer, pgTable, sql, text, timestamp } from '../migrations/drizzle.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/**
 * One row per customer. `requested` counts requested syncs, `done` those covered by the last sync; they differ exactly while a
 * sync is due.
 */
export const billingCustomers = pgTable(
  'billing_customers',
  {
    userId: bigint('user_id', { mode: 'number' })
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    customerId: text('customer_id').notNull().unique(),
    /** The vendor's status of the subscription that counts; `none` without one. */
    status: text().notNull().default('none'),
    subscriptionId: text('subscription_id'),
    currentPeriodEnd: moment('current_period_end'),
    cancelAtPeriodEnd: boolean('cancel_at_period_end').notNull().default(false),
    requested: integer().notNull().default(0),
    done: integer().notNull().default(0),
    /** Incremented by every sync; a sync with another epoch may not write. */
    epoch: integer().notNull().default(0),
    /** Of the sync after which its payments were last read; they are due while it is behind. */
    paymentsEpoch: integer('payments_epoch').notNull().default(0),
    /** When to sync again without an event. */
    recheckAt: moment('recheck_at').notNull().defaultNow(),
    /** Part of the next Checkout session's idempotency key, so that two clicks create one session. */
    checkoutRound: integer('checkout_round').notNull().default(0),
    checkoutId: text('checkout_id'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('billing_customers_open')
      .on(table.userId)
      .where(sql`requested > done`),
    index('billing_customers_recheck').on(table.recheckAt),
    index('billing_customers_payments')
      .on(table.userId)
      .where(sql`payments_epoch < epoch`),
  ],
);

/** Each event once, by the vendor's id. Bodies are not stored: the current state is read from the vendor. */
export const billingEvents = pgTable(
  'billing_events',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    eventId: text('event_id').notNull().unique(),
    type: text().notNull(),
    customerId: text('customer_id'),
    objectType: text('object_type'),
    objectId: text('object_id'),
    /** `received` until a worker has applied it; `ignored` if it concerns none of our customers. */
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

/** Money as the payment vendor reports it: paid invoices, and what was returned of them. */
export const payments = pgTable(
  'payments',
  {
    /** The vendor's id of the invoice, refund or dispute. */
    id: text().primaryKey(),
    kind: text({ enum: ['paid', 'refunded', 'disputed'] }).notNull(),
    /** Null once the account is erased: what it paid stays. */
    userId: bigint('user_id', { mode: 'number' }).references(() => users.id, { onDelete: 'set null' }),
    invoiceId: text('invoice_id').notNull(),
    /** The plan that the invoice bought; null if the catalog did not have its price. */
    tier: text(),
    /** In the currency's smallest unit by ISO 4217, never negative. */
    amount: bigint({ mode: 'number' }).notNull(),
    /** ISO 4217, in lower case. */
    currency: text().notNull(),
    /** When it was paid, refunded or disputed, by the vendor's clock. */
    createdAt: moment('created_at').notNull(),
  },
  (table) => [
    index('payments_time').on(table.createdAt),
    index('payments_account').on(table.userId),
    index('payments_invoice').on(table.invoiceId),
  ],
);
