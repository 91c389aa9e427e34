/** Migrations only add, so that a release runs on the tables of the next: for rolling upgrades and rollbacks. */
import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readText, root } from './files.ts';

/**
 * Statements that remove something. Where one is necessary, it comes a release after the last
 * release that used it, and is listed here with the reason.
 */
const taking = [
  /\bdrop (table|column|type|view|function|schema)\b/i,
  /\brename\b/i,
  /\balter column\b.*\b(type|set not null|drop default)\b/i,
  /\badd column\b(?!.*\bdefault\b).*\bnot null\b/i,
];
const allowed: readonly string[] = [
  // Messages and replies apart: no release ran on the tables before, and all processes are stopped for it.
  'ALTER TABLE "messages" RENAME TO "messages_before";',
  'ALTER SEQUENCE "messages_id_seq" RENAME TO "messages_before_id_seq";',
  'DROP TABLE "messages_before";',
  // Leases and retries of billing, which jobs have now. Nothing had been released.
  'ALTER TABLE "billing_customers" DROP COLUMN "lease_until";',
  'ALTER TABLE "billing_customers" DROP COLUMN "failures";',
  'ALTER TABLE "billing_events" DROP COLUMN "failures";',
  'ALTER TABLE "billing_events" DROP COLUMN "next_attempt_at";',
];

const files = globSync('server/migrations/*.sql', { cwd: root });

function takesAway(sql: string): string[] {
  const statements = sql.split('--> statement-breakpoint').map((statement) => statement.replaceAll(/\s+/g, ' ').trim());
  // The body of a function is not run by the migration.
  const done = (statement: string) => statement.replaceAll(/(\$\w*\$).*?\1/g, '');
  return statements.filter((statement) => taking.some((pattern) => pattern.test(done(statement))));
}

describe('migrations', () => {
  it.each(files)('%s removes nothing', (file) => {
    expect(takesAway(readText(file)).filter((statement) => !allowed.includes(statement))).toEqual([]);
  });

  it('are detected when they remove something', () => {
    expect(files.length).toBeGreaterThan(3);
    for (const statement of [
      'ALTER TABLE "messages" DROP COLUMN "trace";',
      'ALTER TABLE "messages" ADD COLUMN "x" text NOT NULL;',
      'ALTER TABLE "users" ALTER COLUMN "tier" SET NOT NULL;',
      'ALTER TABLE "a" RENAME TO "b";',
    ])
      expect(takesAway(statement), statement).toHaveLength(1);
    expect(takesAway('ALTER TABLE "a" ADD COLUMN "x" integer DEFAULT 0 NOT NULL;')).toEqual([]);
  });
});
