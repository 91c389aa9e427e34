/** Tells a database that is away from one that refuses a statement. */
import { DatabaseUnavailable } from '../../ports/database.ts';

/** SQLSTATE classes and codes (PostgreSQL, appendix A) that mean "not now" rather than "not this". */
const awayStates = /^(08...|57P0[1-5]|57014|53...|55P03|40001|40P01|25006)$/;
const awayErrnos = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);
/** What `pg` throws for its own time-outs and for connections that end has no code. */
const awayMessages =
  /connection terminated|timeout exceeded|query read timeout|client has encountered a connection error|client was closed|not queryable/i;

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code !== null) return awayStates.test(code) || awayErrnos.has(code);
  return awayMessages.test(error.message);
}

/** Gives the answer; throws `DatabaseUnavailable` in the place of an error that means "not now". */
export async function translated<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isUnavailable(error) ? new DatabaseUnavailable('the database cannot be reached', { cause: error }) : error;
  }
}
