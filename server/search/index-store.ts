/** SQL that builds the search index. */
import type { Connection, Statement } from '../ports/database.ts';
import { blockSize, textLimit } from './limits.ts';

const leaseSeconds = 10;
const batchMessages = 500;
const batchBytes = 512 * 1024;
/** After it an empty message stays empty: its reply failed long ago. */
const longestWait = `interval '1 day'`;

const hold: Statement<{ afterId: number }> = {
  name: 'search_hold',
  text: `update search_progress set holder = $1, held_until = now() + interval '${leaseSeconds} seconds'
    where holder = $1 or held_until < now() returning after_id as "afterId"`,
};

/** Takes or extends the lease; returns the progress, or null while another worker holds it. */
export async function holdIndex(db: Connection, workerId: string): Promise<number | null> {
  const rows = await db.run(hold, [workerId]);
  return rows[0]?.afterId ?? null;
}

export interface UnindexedRow {
  readonly id: number;
  /** Empty if there is none yet; at most `textLimit` characters. */
  readonly content: string;
  /** It may get a text later. */
  readonly recent: boolean;
}

const cutByBytes = (from: string) => `select id, left(content, ${textLimit}) as content, recent from (
    select *, sum(least(octet_length(content), ${4 * textLimit})) over (order by place) as bytes, row_number() over (order by place) as n
    from (${from}) as unindexed
  ) as cut where n = 1 or bytes <= ${batchBytes} order by place`;

const newer: Statement<UnindexedRow> = {
  name: 'search_newer',
  text: cutByBytes(`select id, id as place, content, created_at > now() - ${longestWait} as recent from messages
      where id > $1 order by id limit ${batchMessages}`),
};

/** The next messages, by id. */
export function readNewer(db: Connection, afterId: number): Promise<UnindexedRow[]> {
  return db.run(newer, [afterId]);
}

const due: Statement<UnindexedRow> = {
  name: 'search_due',
  text: cutByBytes(`select w.message_id as id, row_number() over (order by w.check_at) as place, coalesce(m.content, '') as content,
      w.since > now() - ${longestWait} as recent
      from (select * from search_waiting where check_at <= now() order by check_at limit ${batchMessages}) as w
      left join messages m on m.id = w.message_id`),
};

/** Waiting messages that are due for another check. */
export function readDue(db: Connection): Promise<UnindexedRow[]> {
  return db.run(due, []);
}

/**
 * Values: holder, progress, ids and terms to index, ids to wait for, waiting ids to check again later, waiting ids to drop.
 * Rooms are locked first: a room that is being deleted is skipped, where waiting for its messages could deadlock.
 */
const write: Statement<{ held: boolean }> = {
  name: 'search_write',
  text: `with held as (
      update search_progress set after_id = $2 where holder = $1 returning id
    ), given as materialized (
      select m.id, m.user_id, m.chatroom_id, given.terms
      from unnest($3::bigint[], $4::text[]) as given (id, terms) join messages m on m.id = given.id, held
    ), rooms as materialized (
      select id from chatrooms where id in (select chatroom_id from given) for key share skip locked
    ), fresh as materialized (
      select given.* from given join rooms on rooms.id = given.chatroom_id
      where not exists (select from search_entries e where e.message_id = given.id)
    ), counted as (
      insert into search_accounts as known (user_id, entries) select user_id, count(*) from fresh group by user_id
      on conflict (user_id) do update set entries = known.entries + excluded.entries returning user_id, entries
    ), added as (
      insert into search_entries (message_id, user_id, chatroom_id, block, terms)
      select fresh.id, fresh.user_id, fresh.chatroom_id, (counted.entries - row_number() over newest_first) / ${blockSize},
        fresh.terms::tsvector
      from fresh join counted on counted.user_id = fresh.user_id
      window newest_first as (partition by fresh.user_id order by fresh.id desc)
    ), waiting as (
      insert into search_waiting (message_id)
      select unnest($5::bigint[]) from held
      union select id from given where chatroom_id not in (select id from rooms)
      on conflict do nothing
    ), again as (
      update search_waiting set check_at = now() + (now() - since) / 4 + interval '1 second'
      from held where message_id = any ($6::bigint[])
    ), done as (
      delete from search_waiting using held where message_id = any ($7::bigint[] || array(select id from fresh))
    )
    select exists (select from held) as held`,
};

export interface IndexBatch {
  readonly afterId: number;
  readonly terms: ReadonlyMap<number, string>;
  readonly wait: readonly number[];
  readonly again: readonly number[];
  readonly giveUp: readonly number[];
}

/** False if the lease was lost: nothing was written. */
export async function writeIndex(db: Connection, workerId: string, batch: IndexBatch): Promise<boolean> {
  const { afterId, terms, wait, again, giveUp } = batch;
  const values = [workerId, afterId, [...terms.keys()], [...terms.values()], wait, again, giveUp];
  const rows = await db.run(write, values);
  return rows[0]!.held;
}
