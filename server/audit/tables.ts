/** Table of operators' changes. Rows are never changed, and deleted after ten years. */
import { bigint, index, jsonb, pgTable, text, timestamp } from '../migrations/drizzle.ts';

export const actorKinds = ['admin', 'command', 'settings'] as const;

export const auditLog = pgTable(
  'audit_log',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: timestamp({ withTimezone: true, precision: 3 }).notNull().defaultNow(),
    /** An administrator over HTTP, the command line, or a setting. */
    actor: text({ enum: actorKinds }).notNull(),
    /** The administrator. Without a foreign key, like `userId`: rows outlive accounts, and contain only their ids. */
    actorId: bigint('actor_id', { mode: 'number' }),
    action: text().notNull(),
    /** The account that was changed. */
    userId: bigint('user_id', { mode: 'number' }),
    details: jsonb().$type<Readonly<Record<string, unknown>>>().notNull(),
  },
  (table) => [index('audit_log_user').on(table.userId, table.id)],
);
