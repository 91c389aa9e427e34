/** Distinguishes an unavailable database from a refused statement. */
import { DatabaseUnavailable } from '../../ports/database.ts';

/** SQLSTATE classes and codes of temporary failures (PostgreSQL, appendix A). */
const unavailableStates = /^(08...|57P0[1-5]|57014|53...|55P03|40001|40P01|25006)$/;
const unavailableErrnos = new Set([
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
/** Errors of `pg` for its time-outs and lost connections have no code. */
const unavailableMessages =
  /connection terminated|timeout exceeded|query read timeout|client has encountered a connection error|client was closed|not queryable/i;

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code !== null) return unavailableStates.test(code) || unavailableErrnos.has(code);
  return unavailableMessages.test(error.message);
}

/** Returns the answer; throws temporary failures as `DatabaseUnavailable`. */
export async function translated<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isUnavailable(error) ? new DatabaseUnavailable('the database cannot be reached', { cause: error }) : error;
  }
}
