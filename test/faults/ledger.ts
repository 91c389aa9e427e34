/** What was answered to clients, and its comparison with the database. */
import { answerText } from '../fakes/gemini-behaviour.ts';
import type { Sql } from '../sql.ts';
import { until } from './waiting.ts';

export interface Accepted {
  readonly content: string;
  readonly messageId: number;
  readonly replyId: number;
}

export interface Ledger {
  /** Questions accepted with a 202, in the order of the answers. */
  readonly acceptances: readonly Accepted[];
  /** Requests sent. */
  readonly tries: number;
  /** Number of refusals by status. */
  readonly refusals: ReadonlyMap<number, number>;
  /** Questions with at least one request without an answer. */
  readonly unknown: ReadonlySet<string>;
  /** Answers that violate the contract, with the number of each. */
  readonly oddities: ReadonlyMap<string, number>;
  /** A unique number for a question. */
  next(): number;
  tried(): void;
  accept(content: string, body: { id: number; reply: { id: number } }): void;
  refused(status: number): void;
  unanswered(content: string): void;
  odd(what: string): void;
  /** Resolves at the next acceptance. */
  nextAcceptance(): Promise<void>;
}

export function openLedger(): Ledger {
  const acceptances: Accepted[] = [];
  const refusals = new Map<number, number>();
  const unknown = new Set<string>();
  const oddities = new Map<string, number>();
  let number = 0;
  let tries = 0;
  let waiting = Promise.withResolvers<void>();
  return {
    acceptances,
    refusals,
    unknown,
    oddities,
    get tries() {
      return tries;
    },
    next: () => ++number,
    tried() {
      tries++;
    },
    accept(content, body) {
      acceptances.push({ content, messageId: body.id, replyId: body.reply.id });
      waiting.resolve();
      waiting = Promise.withResolvers<void>();
    },
    refused: (status) => void refusals.set(status, (refusals.get(status) ?? 0) + 1),
    unanswered: (content) => void unknown.add(content),
    odd: (what) => void oddities.set(what, (oddities.get(what) ?? 0) + 1),
    nextAcceptance: () => waiting.promise,
  };
}

/** The violations as sentences, for `Outcome.broken`. */
export function oddities(ledger: Ledger): string[] {
  return [...ledger.oddities].map(([what, count]) => `${count} × ${what}`);
}

export interface Audit {
  /** Accepted with a 202, but without message, reply or charge. */
  readonly lost: number;
  /** Contents stored more than once although each was asked once. */
  readonly doubled: number;
  /** Failed and refunded because three workers died while running them: allowed, but reported. */
  readonly givenUp: number;
  /** Other faults, as sentences. */
  readonly broken: readonly string[];
}

const accepted = `accepted as (
  select * from unnest($1::bigint[], $2::bigint[], $3::text[]) as a (message_id, reply_id, content)
)`;

/** An accepted question whose reply was given up by the rule. */
const givenUp = `r.status = 'failed' and r.deaths >= 3 and r.charged_on is null`;

const findings = `with ${accepted}, answers as (
    select question_id as id, count(*) as count from replies join messages m on m.id = message_id group by 1
  ), charged as (
    select user_id, count(*) as count from replies where charged_on is not null group by 1
  ), counted as (
    select user_id, sum(used) as count from daily_usage group by 1
  )
  select
    (select count(*) from accepted a
      left join messages q on q.id = a.message_id and q.is_from_user and q.content = a.content
      left join replies r on r.message_id = a.reply_id and r.question_id = q.id
      where q.id is null or r.message_id is null or (r.charged_on is null and r.status <> 'failed'))::int as lost,
    (select coalesce(sum(n - 1), 0) from (
      select count(*) as n from messages where is_from_user group by content having count(*) > 1) as same)::int as doubled,
    (select count(*) from messages q left join answers on answers.id = q.id
      where q.is_from_user and coalesce(answers.count, 0) <> 1)::int as half,
    (select count(*) from messages m left join replies r on r.message_id = m.id
      left join messages q on q.id = m.parent_id and q.id = r.question_id
      where not m.is_from_user and q.id is null)::int as orphans,
    (select count(*) from charged full join counted using (user_id)
      where coalesce(charged.count, 0) <> coalesce(counted.count, 0))::int as mischarged,
    (select count(*) from replies r join accepted a on a.reply_id = r.message_id where ${givenUp})::int as "givenUp"`;

/** Compares answers with stored rows: every 202 complete, nothing half-written, counts equal to charges. */
export async function audit(sql: Sql, { acceptances }: Pick<Ledger, 'acceptances'>): Promise<Audit> {
  const [row] = await sql<Record<'lost' | 'doubled' | 'half' | 'orphans' | 'mischarged' | 'givenUp', number>>(
    findings,
    [
      acceptances.map(({ messageId }) => messageId),
      acceptances.map(({ replyId }) => replyId),
      acceptances.map(({ content }) => content),
    ],
  );
  const { lost, doubled, half, orphans, mischarged, givenUp: givenUpCount } = row!;
  const broken = [
    ...(half > 0 ? [`${half} questions without exactly one reply`] : []),
    ...(orphans > 0 ? [`${orphans} replies without a question`] : []),
    ...(mischarged > 0 ? [`${mischarged} users whose daily count differs from their charges`] : []),
  ];
  return { lost, doubled, givenUp: givenUpCount, broken };
}

/** Waits until no reply of any user is unfinished. Returns how many were left at the time limit. */
export async function settled(sql: Sql, timeoutMs: number): Promise<number> {
  const left = async () => {
    const [row] = await sql<{ count: number }>(
      `select count(*)::int as count from replies where status in ('queued', 'generating')`,
    );
    return row!.count;
  };
  return until('all replies end', timeoutMs, async () => (await left()) === 0).then(() => 0, left);
}

/** Waits until every reply has ended, then audits; `broken` has the oddities and unfinished replies too. */
export async function closeLedger(sql: Sql, ledger: Ledger, timeoutMs: number): Promise<Audit> {
  const unfinished = await settled(sql, timeoutMs);
  const found = await audit(sql, ledger);
  const broken = [
    ...found.broken,
    ...oddities(ledger),
    ...(unfinished > 0 ? [`${unfinished} replies still unfinished after ${timeoutMs / 1000} s`] : []),
  ];
  return { ...found, broken };
}

/** Accepted questions without the exact answer that the fake sends in `chunks` chunks, except those given up. */
export async function unansweredOf(sql: Sql, { acceptances }: Pick<Ledger, 'acceptances'>, chunks: number) {
  const rows = await sql<{ id: string; content: string; status: string }>(
    `select m.id, m.content, case when ${givenUp} then 'given up' else r.status end as status
     from replies r join messages m on m.id = r.message_id where m.id = any ($1::bigint[])`,
    [acceptances.map(({ replyId }) => replyId)],
  );
  const byId = new Map(rows.map((row) => [Number(row.id), row]));
  return acceptances.filter(({ replyId, content }) => {
    const reply = byId.get(replyId);
    if (reply?.status === 'given up') return false;
    return reply?.status !== 'complete' || reply.content !== answerText(content, chunks);
  }).length;
}
