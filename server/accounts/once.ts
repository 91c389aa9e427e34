/** Creates something once for each `Idempotency-Key`: what was created is kept with the key, in one transaction. */
import type { RequestKey } from '../http/serve.ts';
import type { Connection, Database } from '../ports/database.ts';
import { ProblemError } from '../problems/problem.ts';
import { findKey, keepKey, lockKey } from './idempotency-store.ts';

/** Length of the value stored with a key, as JSON. */
const answerBytesAtMost = 16 * 1024;

export interface Once<T> {
  /** What `create` returned, now or when the key was first used. */
  readonly created: T;
  /** Nothing was created now. */
  readonly replayed: boolean;
}

/**
 * Runs `create` in a transaction. With a key, its result is stored for 24 hours, so it must be small, survive JSON and contain
 * no secret. Throws `request_in_flight` or `idempotency_key_reused`; an error of `create` leaves the key free.
 */
export function once<T>(
  db: Database,
  userId: number,
  request: RequestKey | null,
  create: (tx: Connection) => Promise<T>,
): Promise<Once<T>> {
  return db.transaction((tx) => onceIn(tx, userId, request, () => create(tx)));
}

/** The same in the caller's transaction, which must end with an error where this does. */
export async function onceIn<T>(
  tx: Connection,
  userId: number,
  request: RequestKey | null,
  create: () => Promise<T>,
): Promise<Once<T>> {
  if (request === null) return { created: await create(), replayed: false };
  const { key } = request;
  const fingerprint = request.fingerprint();
  if (!(await lockKey(tx, userId, key))) throw inFlight();
  // A separate statement, which sees what the previous holder of the key has committed.
  const known = await findKey(tx, userId, key);
  if (known !== null) {
    if (known.fingerprint !== fingerprint || known.answer === null) throw new ProblemError('idempotency_key_reused');
    return { created: JSON.parse(known.answer) as T, replayed: true };
  }
  const created = await create();
  const answer = JSON.stringify(created);
  if (Buffer.byteLength(answer) > answerBytesAtMost) throw new Error('The answer is too long to be kept with its key.');
  await keepKey(tx, userId, key, { fingerprint, answer });
  return { created, replayed: false };
}

/** Whether a key was used; a request that takes long can then be compared before it does anything. */
export async function isKnownKey(db: Connection, userId: number, key: string): Promise<boolean> {
  return (await findKey(db, userId, key)) !== null;
}

export function inFlight(): ProblemError {
  return new ProblemError('request_in_flight', { retryAfterMs: 1000 });
}
