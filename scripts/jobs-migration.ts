/**
 * Prints pg-boss's schema as one of our migrations, or the changes of a newer pg-boss:
 * `node scripts/jobs-migration.ts [VERSION]`, the current version of the schema. Our migrations run in a transaction and under a
 * lock, so pg-boss's own are omitted.
 */
import { getConstructionPlans, getMigrationPlans } from 'pg-boss';
import { jobsSchema } from '../server/jobs/boss.ts';

const from = process.argv[2];
const plan = from === undefined ? getConstructionPlans(jobsSchema) : getMigrationPlans(jobsSchema, Number(from));
const ofTheirTransaction = /^(begin|commit|set local|select pg_advisory_xact_lock)\b/i;
const statements = statementsOf(plan).filter((statement) => statement && !ofTheirTransaction.test(statement));
process.stdout.write(`${statements.join(';\n--> statement-breakpoint\n')};\n`);

/** Split at semicolons that are not within a dollar-quoted body. */
function statementsOf(sql: string): string[] {
  const bodies: string[] = [];
  const masked = sql.replaceAll(/(\$\w*\$)[\s\S]*?\1/g, (body) => `\0${bodies.push(body) - 1}\0`);
  return masked
    .split(';')
    .map((statement) => statement.trim().replaceAll(/\0(\d+)\0/g, (_match, index) => bodies[Number(index)]!));
}
