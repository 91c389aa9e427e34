/** SQL for the ledger of calls to models. Entries of replies are CTEs of the statements that settle them: both or neither. */
import type { ModelPrice } from '../config/catalog.ts';
import type { Connection, Statement } from '../ports/database.ts';
import type { Usage } from '../ports/model.ts';

/** A call to a model. */
export interface UsageEntry extends Usage {
  readonly model: string;
  /** The requested model. */
  readonly asked: string;
  /** The vendor's name of the model that answered; null if it did not report one. */
  readonly name: string | null;
  readonly costMicros: number;
  /** True when the vendor did not report the tokens. */
  readonly isEstimate: boolean;
  /** From the claim of a reply to its first text; null if there was none. */
  readonly firstTextMs: number | null;
}

const columns = `user_id, message_id, attempt, purpose, tier, model, asked_model, name, prompt_tokens, cached_tokens,
      audio_tokens, answer_tokens, thinking_tokens, cost_micros, is_estimate, first_text_ms, created_at`;

const entryColumns = `entry.model, entry.asked, entry.name, entry."promptTokens", entry."cachedTokens", entry."audioTokens",
      entry."answerTokens", entry."thinkingTokens", entry."costMicros", entry."isEstimate", entry."firstTextMs", pollux_now()`;
const entryFrom = (value: string) => `jsonb_to_record(${value}::jsonb) as entry (model text, asked text, name text,
        "promptTokens" int, "cachedTokens" int, "audioTokens" int, "answerTokens" int, "thinkingTokens" int,
        "costMicros" bigint, "isEstimate" boolean, "firstTextMs" int)`;
const tierOf = (user: string) => `(select tier from users where id = ${user})`;

/** A CTE that enters the call of an attempt for the row of the CTE `from` (columns `id`, `user_id`, `epoch`); the placeholder `entry` is null for none. */
export function enteredCte({ from, entry }: { from: string; entry: string }): string {
  return `entered as (
      insert into usage_entries (${columns})
      select settled.user_id, settled.id, settled.epoch, 'reply', ${tierOf('settled.user_id')}, ${entryColumns}
      from ${from} as settled, ${entryFrom(entry)} where ${entry}::jsonb is not null
    )`;
}

export function entryValue(entry: UsageEntry | null): string | null {
  return entry === null ? null : JSON.stringify(entry);
}

/** Columns of a reply `r` that `estimatedCte` reads. */
export const lostColumns = `r.message_id as id, r.user_id, r.epoch, r.status, r.model, r.fallback_from, r.question_id,
        r.prompt_estimate, r.text`;

/**
 * A CTE that enters an estimate of the call for each row of the CTE `from` (`lostColumns`) that was being generated, since its
 * worker will not tell. From the placeholder `prices` by model.
 */
export function estimatedCte({ from, prices }: { from: string; prices: string }): string {
  return `estimated as (
      insert into usage_entries (${columns})
      select lost.user_id, lost.id, lost.epoch, 'reply', ${tierOf('lost.user_id')}, lost.model,
        coalesce(lost.fallback_from, lost.model), null, tokens.prompt, 0, 0, tokens.answer, 0,
        div(tokens.prompt * price.input + tokens.answer * price.output + 500000, 1000000), true, null, pollux_now()
      from ${from} as lost, lateral (
        select coalesce(lost.prompt_estimate, (
          select (octet_length(content) + 3) / 4 from messages where id = lost.question_id
        ), 0) as prompt, (octet_length(coalesce(lost.text, '')) + 3) / 4 as answer
      ) as tokens, lateral (
        select coalesce(${prices}::jsonb -> lost.model ->> 'input', '0')::numeric as input,
          coalesce(${prices}::jsonb -> lost.model ->> 'output', '0')::numeric as output
      ) as price
      where lost.status = 'generating' and lost.model is not null
    )`;
}

/** Prices by model, as JSON. */
export function pricesValue(models: readonly { readonly id: string; readonly price: ModelPrice | null }[]): string {
  return JSON.stringify(Object.fromEntries(models.map(({ id, price }) => [id, price])));
}

const begin: Statement<{ id: number }> = {
  name: 'usage_begin',
  text: `insert into usage_entries (${columns})
    select $1, null, null, $2, ${tierOf('$1')}, ${entryColumns} from ${entryFrom('$3')} returning id`,
};

/** Enters a call in the background before it is made, as an estimate. Returns the entry's id. */
export async function beginUsage(
  db: Connection,
  { userId, purpose, entry }: { userId: number; purpose: 'summary' | 'title'; entry: UsageEntry },
): Promise<number> {
  const [row] = await db.run(begin, [userId, purpose, entryValue(entry)]);
  return row!.id;
}

const end: Statement<never> = {
  name: 'usage_end',
  text: `update usage_entries u set name = entry.name, prompt_tokens = entry."promptTokens",
      cached_tokens = entry."cachedTokens", audio_tokens = entry."audioTokens", answer_tokens = entry."answerTokens",
      thinking_tokens = entry."thinkingTokens", cost_micros = entry."costMicros", is_estimate = entry."isEstimate"
    from ${entryFrom('$2')} where u.id = $1`,
};

/** Writes the entry of a call. */
export async function endUsage(db: Connection, id: number, entry: UsageEntry): Promise<void> {
  await db.run(end, [id, entryValue(entry)]);
}

const cancel: Statement<never> = { name: 'usage_cancel', text: `delete from usage_entries where id = $1` };

/** Removes the entry of a call that the vendor refused. */
export async function cancelUsage(db: Connection, id: number): Promise<void> {
  await db.run(cancel, [id]);
}

const today: Statement<{ micros: number }> = {
  name: 'usage_today',
  text: `select coalesce(sum(cost_micros), 0)::float8 as micros from usage_entries
    where created_at >= pollux_today()::timestamp at time zone 'utc'`,
};

/** What all calls of the UTC day have cost, in micro-dollars. */
export async function readCostToday(db: Connection): Promise<number> {
  const [row] = await db.run(today, []);
  return row?.micros ?? 0;
}

export interface DayOfUsage {
  readonly date: string;
  readonly messages: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
}

const days: Statement<DayOfUsage> = {
  name: 'usage_days',
  text: `with entered as (
      select (created_at at time zone 'utc')::date as day, sum(prompt_tokens) as prompt, sum(answer_tokens) as answer
      from usage_entries where user_id = $1 and created_at >= (pollux_today() - $2::int + 1)::timestamp at time zone 'utc'
      group by 1
    )
    select series.at::date::text as date, coalesce(d.used, 0) as messages, coalesce(entered.prompt, 0)::float8 as "promptTokens",
      coalesce(entered.answer, 0)::float8 as "answerTokens"
    from generate_series(pollux_today() - $2::int + 1, pollux_today(), interval '1 day') as series (at)
      left join daily_usage d on d.user_id = $1 and d.day = series.at::date left join entered on entered.day = series.at::date
    order by series.at`,
};

/** The account's last UTC days, today last, without gaps. */
export function readUsageDays(db: Connection, userId: number, count: number): Promise<DayOfUsage[]> {
  return db.run(days, [userId, count]);
}
