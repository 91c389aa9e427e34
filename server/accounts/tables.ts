/** Tables of users, sessions and one-time codes. */
import { builtInPlanIds } from '../../contract/plans.ts';
import { bigint, index, integer, pgTable, primaryKey, sql, text, timestamp, uuid } from '../migrations/drizzle.ts';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const users = pgTable(
  'users',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    mobileNumber: text('mobile_number').notNull().unique(),
    /** Id of the plan. New accounts name it, since the operator's catalog may have other plans. */
    tier: text().notNull().default(builtInPlanIds[0]),
    /** Set by an operator; takes precedence over what is paid for. */
    grantedTier: text('granted_tier'),
    role: text({ enum: ['user', 'admin'] })
      .notNull()
      .default('user'),
    createdAt: moment('created_at').notNull().defaultNow(),
    /** Null until the first verified code. */
    verifiedAt: moment('verified_at'),
    /** Set by an operator while the account is blocked: it cannot sign in. */
    blockedAt: moment('blocked_at'),
    /** When its deletion began: its content is being erased, and its number is gone from this row. */
    deletedAt: moment('deleted_at'),
    /** When a worker last claimed a reply of this account; claims prefer the oldest. */
    servedAt: timestamp('served_at', { withTimezone: true }),
  },
  (table) => [
    index('users_unverified')
      .on(table.createdAt)
      .where(sql`verified_at is null`),
    index('users_admins')
      .on(table.id)
      .where(sql`role = 'admin'`),
    index('users_deleted')
      .on(table.deletedAt)
      .where(sql`deleted_at is not null`),
  ],
);

export const sessions = pgTable(
  'sessions',
  {
    id: uuid().primaryKey(),
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    userAgent: text('user_agent'),
    createdAt: moment('created_at').notNull().defaultNow(),
    lastUsedAt: moment('last_used_at').notNull().defaultNow(),
    expiresAt: moment('expires_at').notNull(),
    /** How often the refresh token was rotated. Only the token of this generation is valid. */
    generation: integer().notNull().default(0),
    rotatedAt: moment('rotated_at').notNull().defaultNow(),
    revokedAt: moment('revoked_at'),
  },
  (table) => [
    index('sessions_user').on(table.userId),
    index('sessions_revoked')
      .on(table.revokedAt)
      .where(sql`revoked_at is not null`),
    index('sessions_expiry').on(table.expiresAt),
  ],
);

/**
 * Sessions that ended within the last hour, for other processes to read. Written by triggers on `sessions`, since a
 * session can end in many ways: sign-out, deletion of the account, early expiry.
 */
export const endedSessions = pgTable(
  'ended_sessions',
  {
    id: uuid().primaryKey(),
    /** The transaction that ended it. */
    xid: bigint({ mode: 'number' }).notNull(),
    endedAt: moment('ended_at').notNull(),
  },
  (table) => [index('ended_sessions_xid').on(table.xid), index('ended_sessions_age').on(table.endedAt)],
);

/** One row a number, whether or not it is registered. The key is a keyed hash of the number. */
export const otpCodes = pgTable(
  'otp_codes',
  {
    numberKey: text('number_key').primaryKey(),
    codeMac: text('code_mac').notNull(),
    expiresAt: moment('expires_at').notNull(),
    /** Guesses at this code, counted before each comparison. */
    guesses: integer().notNull().default(0),
    usedAt: moment('used_at'),
    /** Codes sent in a row; determines the resend delay. */
    sends: integer().notNull().default(1),
    lastSentAt: moment('last_sent_at').notNull().defaultNow(),
    /** Wrong guesses since `wrong_since`, over all codes of the number. */
    wrong: integer().notNull().default(0),
    wrongSince: moment('wrong_since').notNull().defaultNow(),
    /** When this code was sent by SMS; null if it was not. */
    smsAt: moment('sms_at'),
    /** Destination of that SMS: ISO 3166 code or `unknown`, and keyed hash of the number's range. */
    country: text(),
    prefixKey: text('prefix_key'),
  },
  (table) => [
    index('otp_codes_sent').on(table.lastSentAt),
    index('otp_codes_sms')
      .on(table.smsAt)
      .where(sql`sms_at is not null`),
  ],
);

/** Wrong guesses at a number's codes from one network since `wrong_since`; each network is locked separately. */
export const otpWrongGuesses = pgTable(
  'otp_wrong_guesses',
  {
    numberKey: text('number_key').notNull(),
    /** Keyed hash of the network. */
    networkKey: text('network_key').notNull(),
    wrong: integer().notNull().default(1),
    wrongSince: moment('wrong_since').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.numberKey, table.networkKey] }),
    index('otp_wrong_guesses_age').on(table.wrongSince),
  ],
);

/** What a request with an `Idempotency-Key` created. Kept for 24 hours, also after that was deleted. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    userId: bigint('user_id', { mode: 'number' })
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    /** SHA-256 of path and body. */
    fingerprint: text().notNull(),
    /** Of a message that was sent. */
    messageId: bigint('message_id', { mode: 'number' }),
    replyId: bigint('reply_id', { mode: 'number' }),
    /** JSON of anything else. */
    answer: text(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.key] }), index('idempotency_keys_age').on(table.createdAt)],
);
