/** SQL for one-time codes and the guesses at them. Numbers and networks are keyed hashes. */
import type { Connection, Statement } from '../ports/database.ts';

const codeLifeSeconds = 300;
const maxGuesses = 5;
/** Wrong guesses an hour after which a number's codes are locked: for the guessing network, and for all networks. */
export const maxWrong = { network: 10, all: 50 } as const;

const inARow = `c.last_sent_at > now() - interval '1 hour'`;
/** Resend delay of each further code, as a multiple of the configured first delay. */
const waitFactor = `(case when c.sends <= 1 then 1 when c.sends = 2 then 2 else 5 end)`;
const resendAt = (firstWaitSeconds: string) =>
  `(case when ${inARow} then c.last_sent_at + make_interval(secs => ${firstWaitSeconds}::float8 * ${waitFactor}) end)`;
const lockedUntil = (table: string, most: number) =>
  `(case when ${table}.wrong >= ${most} then ${table}.wrong_since + interval '1 hour' end)`;
const secondsUntil = (moment: string) => `greatest(0, ceil(extract(epoch from ${moment} - now())))::int`;

const adopt: Statement<never> = {
  name: 'code_adopt',
  text: `update otp_codes c set number_key = $1 where number_key = (
      select o.number_key from otp_codes o where o.number_key = any ($2::text[]) order by o.last_sent_at desc limit 1
    ) and not exists (select from otp_codes n where n.number_key = $1)`,
};

/** Moves a number's row from the hash by an older key to the hash by the newest. */
export async function adoptCode(db: Connection, [newest, ...older]: readonly string[]): Promise<void> {
  if (older.length > 0) await db.run(adopt, [newest, older]);
}

/** The number whose code it is, and the network that asks. */
export interface Asker {
  readonly numberKey: string;
  readonly networkKey: string;
}

export interface CodeState {
  /** Seconds until another code may be sent; 0 = now. */
  readonly resendWaitSeconds: number;
  /** Seconds the number's codes stay locked for this network after too many wrong guesses; 0 = not locked. */
  readonly lockedSeconds: number;
}

/** Values: number, network, first delay. Always returns one row. */
const state: Statement<CodeState> = {
  name: 'code_state',
  text: `select ${secondsUntil(resendAt('$3'))} as "resendWaitSeconds",
      ${secondsUntil(`greatest(${lockedUntil('c', maxWrong.all)}, ${lockedUntil('w', maxWrong.network)})`)} as "lockedSeconds"
    from (select) as asked left join otp_codes c on c.number_key = $1
      left join otp_wrong_guesses w on w.number_key = $1 and w.network_key = $2`,
};

export async function readCodeState(db: Connection, asker: Asker, firstWaitSeconds: number): Promise<CodeState> {
  const [row] = await db.run(state, [asker.numberKey, asker.networkKey, firstWaitSeconds]);
  return row!;
}

/** Values: number, code's hash, first delay. */
const replace: Statement<{ sends: number }> = {
  name: 'code_replace',
  text: `insert into otp_codes as c (number_key, code_mac, expires_at)
    values ($1, $2, now() + interval '${codeLifeSeconds} seconds')
    on conflict (number_key) do update set code_mac = excluded.code_mac, expires_at = excluded.expires_at, guesses = 0,
      used_at = null, sms_at = null, last_sent_at = now(), sends = case when ${inARow} then c.sends + 1 else 1 end
      where coalesce(${resendAt('$3')}, now()) <= now()
    returning c.sends`,
};

/** Replaces the code; returns how many were sent in a row, or null while the resend delay of the last one runs. */
export async function replaceCode(
  db: Connection,
  code: { numberKey: string; codeMac: string; firstWaitSeconds: number },
): Promise<number | null> {
  const rows = await db.run(replace, [code.numberKey, code.codeMac, code.firstWaitSeconds]);
  return rows[0]?.sends ?? null;
}

export type Guess =
  | { readonly kind: 'open'; readonly codeMac: string; readonly guessesLeft: number }
  | { readonly kind: 'expired' }
  | { readonly kind: 'none' };

const count: Statement<{ codeMac: string; guesses: number }> = {
  name: 'code_count_guess',
  text: `update otp_codes c set guesses = guesses + 1
    where number_key = $1 and used_at is null and expires_at > now() and guesses < ${maxGuesses}
      and coalesce(${lockedUntil('c', maxWrong.all)}, now()) <= now()
      and not exists (
        select from otp_wrong_guesses w where w.number_key = $1 and w.network_key = $2
          and coalesce(${lockedUntil('w', maxWrong.network)}, now()) > now()
      )
    returning code_mac as "codeMac", guesses`,
};

const expired: Statement<never> = {
  name: 'code_expired',
  text: `select from otp_codes where number_key = $1 and used_at is null and expires_at <= now()`,
};

/** Counts a guess. Only a counted guess may be compared. */
export async function countGuess(db: Connection, { numberKey, networkKey }: Asker): Promise<Guess> {
  const [row] = await db.run(count, [numberKey, networkKey]);
  if (row) return { kind: 'open', codeMac: row.codeMac, guessesLeft: maxGuesses - row.guesses };
  return { kind: (await db.run(expired, [numberKey])).length > 0 ? 'expired' : 'none' };
}

export interface WrongGuesses {
  /** In the last hour, this one included. */
  readonly fromNetwork: number;
  readonly inAll: number;
}

const counted = (table: string) =>
  `wrong = case when ${table}.wrong_since <= now() - interval '1 hour' then 1 else ${table}.wrong + 1 end,
      wrong_since = case when ${table}.wrong_since <= now() - interval '1 hour' or ${table}.wrong = 0
        then now() else ${table}.wrong_since end`;

const countWrong: Statement<WrongGuesses> = {
  name: 'code_count_wrong',
  text: `with total as (
      update otp_codes c set ${counted('c')} where number_key = $1 returning c.wrong
    )
    insert into otp_wrong_guesses as w (number_key, network_key) values ($1, $2)
    on conflict (number_key, network_key) do update set ${counted('w')}
    returning w.wrong as "fromNetwork", coalesce((select wrong from total), 0) as "inAll"`,
};

export async function countWrongGuess(db: Connection, { numberKey, networkKey }: Asker): Promise<WrongGuesses> {
  const [row] = await db.run(countWrong, [numberKey, networkKey]);
  return row!;
}

/** Values: number, code's hash, network. A right guess clears the wrong ones of its network. */
const use: Statement<{ numberKey: string }> = {
  name: 'code_use',
  text: `with used as (
      update otp_codes set used_at = now(), sends = 0
      where number_key = $1 and code_mac = $2 and used_at is null returning number_key
    ), forgiven as (
      delete from otp_wrong_guesses w using used where w.number_key = used.number_key and w.network_key = $3
    )
    select number_key as "numberKey" from used`,
};

/** Marks the code as used; false when it was used already or has been replaced. */
export async function useCode(db: Connection, { numberKey, networkKey }: Asker, codeMac: string): Promise<boolean> {
  return (await db.run(use, [numberKey, codeMac, networkKey])).length > 0;
}

const sent: Statement<never> = {
  name: 'code_sent',
  text: `update otp_codes set sms_at = now(), country = $3, prefix_key = $4 where number_key = $1 and code_mac = $2`,
};

/** Records that this code was sent by SMS, and its destination. */
export async function noteSms(
  db: Connection,
  code: { numberKey: string; codeMac: string; country: string | null; prefixKey: string },
): Promise<void> {
  await db.run(sent, [code.numberKey, code.codeMac, code.country, code.prefixKey]);
}

export interface UnusedCodes {
  /** Null in a group by range of numbers. */
  readonly country: string | null;
  /** Null in a group by country. */
  readonly prefixKey: string | null;
  readonly sent: number;
  readonly used: number;
}

/** Values: the least SMS for a country, and for a range of numbers, to be included. */
const unused: Statement<UnusedCodes> = {
  name: 'codes_unused',
  text: `select country, prefix_key as "prefixKey", count(*)::int as sent, count(used_at)::int as used
    from otp_codes where sms_at > now() - interval '1 hour' and (used_at is not null or expires_at < now())
    group by grouping sets ((country), (prefix_key))
    having count(*) >= case when grouping(country) = 0 then $1::int else $2::int end and count(used_at) * 4 < count(*)
    order by sent desc limit 20`,
};

/** Countries and ranges of numbers that received many SMS in the last hour and used fewer than a quarter of the codes. */
export function readUnusedCodes(db: Connection, least: { country: number; prefix: number }): Promise<UnusedCodes[]> {
  return db.run(unused, [least.country, least.prefix]);
}
