/** SQL for the idempotency keys of an account, for all operations that create something except a send. */
import type { Connection, Statement } from '../ports/database.ts';

const lock: Statement<{ free: boolean }> = {
  name: 'key_lock',
  text: `select pg_try_advisory_xact_lock(hashtextextended($2::text, $1::bigint)) as free`,
};

/** False while another transaction holds the key. Held until this one ends. */
export async function lockKey(tx: Connection, userId: number, key: string): Promise<boolean> {
  const [row] = await tx.run(lock, [userId, key]);
  return row!.free;
}

export interface KnownKey {
  readonly fingerprint: string;
  /** What was created, as JSON; null for a message, which its own statement returns. */
  readonly answer: string | null;
}

const find: Statement<KnownKey> = {
  name: 'key_find',
  text: `select fingerprint, answer from idempotency_keys where user_id = $1 and key = $2`,
};

export async function findKey(tx: Connection, userId: number, key: string): Promise<KnownKey | null> {
  const rows = await tx.run(find, [userId, key]);
  return rows[0] ?? null;
}

const keep: Statement<never> = {
  name: 'key_keep',
  text: `insert into idempotency_keys (user_id, key, fingerprint, answer) values ($1, $2, $3, $4)`,
};

export async function keepKey(
  tx: Connection,
  userId: number,
  key: string,
  { fingerprint, answer }: KnownKey,
): Promise<void> {
  await tx.run(keep, [userId, key, fingerprint, answer]);
}
