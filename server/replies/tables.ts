/** Processes that generate replies, known by their heartbeat; and when the model wants to be left alone. */
import { pgTable, text, timestamp, uuid } from '../drizzle.ts';

export const workers = pgTable('workers', {
  id: uuid().primaryKey(),
  seenAt: timestamp('seen_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
});

/** Until when no worker calls a model, because its vendor said so to one of them. */
export const modelPauses = pgTable('model_pauses', {
  model: text().primaryKey(),
  until: timestamp({ withTimezone: true, precision: 3 }).notNull(),
  /** Since when its vendor does not know its name; then `until` is when that is asked next. */
  missingSince: timestamp('missing_since', { withTimezone: true, precision: 3 }),
});
