/** SQL for users and one-time codes. */
import { and, eq, isNull, sql } from '../drizzle.ts';
import type { Connection } from '../ports/database.ts';
import { otpCodes, users } from './tables.ts';

/** Makes the user unless the number is known. */
export async function addUser(db: Connection, mobileNumber: string): Promise<void> {
  await db.orm.insert(users).values({ mobileNumber }).onConflictDoNothing();
}

export async function isRegistered(db: Connection, mobileNumber: string): Promise<boolean> {
  const rows = await db.orm.select({ id: users.id }).from(users).where(eq(users.mobileNumber, mobileNumber));
  return rows.length > 0;
}

/** Marks the number as proven and gives the user's id; null when nobody signed up with it. */
export async function markVerified(db: Connection, mobileNumber: string): Promise<number | null> {
  const rows = await db.orm
    .update(users)
    .set({ verifiedAt: sql`coalesce(${users.verifiedAt}, now())` })
    .where(eq(users.mobileNumber, mobileNumber))
    .returning({ id: users.id });
  return rows[0]?.id ?? null;
}

export interface CodeState {
  /** Seconds until another code may be sent; 0 = now. */
  readonly resendWaitSeconds: number;
  /** Seconds the number stays locked after too many wrong guesses; 0 = not locked. */
  readonly lockedSeconds: number;
}

const maxGuesses = 5;
const maxWrongHourly = 10;
const codeLifeSeconds = 300;

/** How much longer each further code in a row has to wait, in units of the configured first wait. */
const waitFactor = sql`case when ${otpCodes.sends} <= 1 then 1 when ${otpCodes.sends} = 2 then 2 else 5 end`;
const inARow = sql`${otpCodes.lastSentAt} > now() - interval '1 hour'`;
const lockedUntil = sql`case when ${otpCodes.wrong} >= ${maxWrongHourly} then ${otpCodes.wrongSince} + interval '1 hour' else now() end`;

function resendAt(firstWaitSeconds: number) {
  return sql`case when ${inARow} then ${otpCodes.lastSentAt} + make_interval(secs => ${firstWaitSeconds}::float8 * (${waitFactor})) else now() end`;
}

export async function readCodeState(db: Connection, numberKey: string, firstWaitSeconds: number): Promise<CodeState> {
  const seconds = (moment: ReturnType<typeof sql>) =>
    sql<number>`greatest(0, ceil(extract(epoch from (${moment}) - now())))::int`;
  const rows = await db.orm
    .select({ resendWaitSeconds: seconds(resendAt(firstWaitSeconds)), lockedSeconds: seconds(lockedUntil) })
    .from(otpCodes)
    .where(eq(otpCodes.numberKey, numberKey));
  return rows[0] ?? { resendWaitSeconds: 0, lockedSeconds: 0 };
}

/** Puts a new code in the place of the old one; null when another was put there too recently. Gives the sends in a row. */
export async function replaceCode(
  db: Connection,
  code: { numberKey: string; codeMac: string; firstWaitSeconds: number },
): Promise<number | null> {
  const expiresAt = sql`now() + make_interval(secs => ${codeLifeSeconds})`;
  const rows = await db.orm
    .insert(otpCodes)
    .values({ numberKey: code.numberKey, codeMac: code.codeMac, expiresAt })
    .onConflictDoUpdate({
      target: otpCodes.numberKey,
      set: {
        codeMac: code.codeMac,
        expiresAt,
        guesses: 0,
        usedAt: null,
        sends: sql`case when ${inARow} then ${otpCodes.sends} + 1 else 1 end`,
        lastSentAt: sql`now()`,
      },
      setWhere: sql`${resendAt(code.firstWaitSeconds)} <= now()`,
    })
    .returning({ sends: otpCodes.sends });
  return rows[0]?.sends ?? null;
}

/** Moves the code of a number that is stored under an older key's hash to the newest one. */
export async function adoptCode(db: Connection, [newest, ...older]: readonly string[]): Promise<void> {
  if (newest === undefined || older.length === 0) return;
  const olderRow = sql`(select o.number_key from otp_codes o where o.number_key in ${older} order by o.last_sent_at desc limit 1)`;
  const taken = sql`exists (select from otp_codes n where n.number_key = ${newest})`;
  await db.orm
    .update(otpCodes)
    .set({ numberKey: newest })
    .where(sql`${otpCodes.numberKey} = ${olderRow} and not ${taken}`);
}

export type Guess =
  | { readonly kind: 'open'; readonly codeMac: string; readonly guessesLeft: number }
  | { readonly kind: 'expired' }
  | { readonly kind: 'none' };

/** Counts a guess, before anything is compared; only a counted guess may be compared. */
export async function countGuess(db: Connection, numberKey: string): Promise<Guess> {
  const counted = await db.orm
    .update(otpCodes)
    .set({ guesses: sql`${otpCodes.guesses} + 1` })
    .where(
      and(
        eq(otpCodes.numberKey, numberKey),
        isNull(otpCodes.usedAt),
        sql`${otpCodes.expiresAt} > now()`,
        sql`${otpCodes.guesses} < ${maxGuesses}`,
        sql`${lockedUntil} <= now()`,
      ),
    )
    .returning({ codeMac: otpCodes.codeMac, guesses: otpCodes.guesses });
  const row = counted[0];
  if (row) return { kind: 'open', codeMac: row.codeMac, guessesLeft: maxGuesses - row.guesses };
  const expired = await db.orm
    .select({ key: otpCodes.numberKey })
    .from(otpCodes)
    .where(and(eq(otpCodes.numberKey, numberKey), isNull(otpCodes.usedAt), sql`${otpCodes.expiresAt} <= now()`));
  return { kind: expired.length > 0 ? 'expired' : 'none' };
}

export async function countWrongGuess(db: Connection, numberKey: string): Promise<void> {
  const fresh = sql`${otpCodes.wrongSince} <= now() - interval '1 hour'`;
  await db.orm
    .update(otpCodes)
    .set({
      wrong: sql`case when ${fresh} then 1 else ${otpCodes.wrong} + 1 end`,
      wrongSince: sql`case when ${fresh} or ${otpCodes.wrong} = 0 then now() else ${otpCodes.wrongSince} end`,
    })
    .where(eq(otpCodes.numberKey, numberKey));
}

/** Uses the code up; false when somebody else was first or a newer code took its place. */
export async function useCode(db: Connection, numberKey: string, codeMac: string): Promise<boolean> {
  const used = await db.orm
    .update(otpCodes)
    .set({ usedAt: sql`now()`, sends: 0, wrong: 0 })
    .where(and(eq(otpCodes.numberKey, numberKey), eq(otpCodes.codeMac, codeMac), isNull(otpCodes.usedAt)))
    .returning({ key: otpCodes.numberKey });
  return used.length > 0;
}
