/** SQL for users. */
import type { Connection, Statement } from '../ports/database.ts';

/**
 * Writes a row for a known number too, so that both cases take the same time. The sign-up of an unverified number is
 * dated again.
 */
const add: Statement<never> = {
  name: 'user_add',
  text: `insert into users (mobile_number, tier) values ($1, $2) on conflict (mobile_number) do update
    set created_at = case when users.verified_at is null then now() else users.created_at end`,
};

/** Adds the user, with this plan, unless the number is known. */
export async function addUser(db: Connection, mobileNumber: string, tier: string): Promise<void> {
  await db.run(add, [mobileNumber, tier]);
}

export interface Registration {
  /** The number was verified by a code at least once. */
  readonly verified: boolean;
}

const registration: Statement<Registration> = {
  name: 'user_registration',
  text: `select verified_at is not null as verified from users where mobile_number = $1 and blocked_at is null`,
};

/** Null when nobody signed up with the number, or the account is blocked. */
export async function readRegistration(db: Connection, mobileNumber: string): Promise<Registration | null> {
  const rows = await db.run(registration, [mobileNumber]);
  return rows[0] ?? null;
}

const verify: Statement<{ id: number }> = {
  name: 'user_verify',
  text: `update users set verified_at = coalesce(verified_at, now())
    where mobile_number = $1 and blocked_at is null returning id`,
};

/** Marks the number as verified and returns the user's id; null when nobody signed up with it, or the account is blocked. */
export async function markVerified(db: Connection, mobileNumber: string): Promise<number | null> {
  const rows = await db.run(verify, [mobileNumber]);
  return rows[0]?.id ?? null;
}

const numberOf: Statement<{ number: string }> = {
  name: 'user_number',
  text: `select mobile_number as number from users where id = $1 and deleted_at is null`,
};

/** The user's number; null once the account is deleted. */
export async function readNumber(db: Connection, userId: number): Promise<string | null> {
  const rows = await db.run(numberOf, [userId]);
  return rows[0]?.number ?? null;
}

const tierOf: Statement<{ tier: string }> = {
  name: 'user_tier',
  text: `select tier from users where id = $1`,
};

/** The id of the user's plan; null when the user has been deleted. */
export async function readTier(db: Connection, userId: number): Promise<string | null> {
  const rows = await db.run(tierOf, [userId]);
  return rows[0]?.tier ?? null;
}

const markDeleted: Statement<{ id: number }> = {
  name: 'user_mark_deleted',
  text: `update users set deleted_at = now(), mobile_number = 'deleted:' || id, tier = default, granted_tier = null,
      role = 'user'
    where id = $1 and deleted_at is null returning id`,
};

/** Takes the number from an account and marks it as deleted; false if it is already. The number can sign up again. */
export async function markUserDeleted(db: Connection, userId: number): Promise<boolean> {
  return (await db.run(markDeleted, [userId])).length > 0;
}
