/** SQL for users. */
import type { Connection, Statement } from '../ports/database.ts';

/**
 * Writes a row for a known number too, so that both cases take the same time. The sign-up of an unverified number is
 * dated anew.
 */
const add: Statement<never> = {
  name: 'user_add',
  text: `insert into users (mobile_number) values ($1) on conflict (mobile_number) do update
    set created_at = case when users.verified_at is null then now() else users.created_at end`,
};

/** Adds the user unless the number is known. */
export async function addUser(db: Connection, mobileNumber: string): Promise<void> {
  await db.run(add, [mobileNumber]);
}

export interface Registration {
  /** The number was verified by a code at least once. */
  readonly verified: boolean;
}

const registration: Statement<Registration> = {
  name: 'user_registration',
  text: `select verified_at is not null as verified from users where mobile_number = $1`,
};

/** Null when nobody signed up with the number. */
export async function readRegistration(db: Connection, mobileNumber: string): Promise<Registration | null> {
  const rows = await db.run(registration, [mobileNumber]);
  return rows[0] ?? null;
}

const verify: Statement<{ id: number }> = {
  name: 'user_verify',
  text: `update users set verified_at = coalesce(verified_at, now()) where mobile_number = $1 returning id`,
};

/** Marks the number as verified and returns the user's id; null when nobody signed up with it. */
export async function markVerified(db: Connection, mobileNumber: string): Promise<number | null> {
  const rows = await db.run(verify, [mobileNumber]);
  return rows[0]?.id ?? null;
}
