/** SQL that searches the messages of one account. */
import type { Connection, Statement } from '../ports/database.ts';
import { blockSize, textLimit } from './limits.ts';

const hitsAtMost = 1000;
/** Messages with all words of a phrase that are checked for their order. */
const candidatesAtMost = 20_000;
/** Text of a page; finding the matches in it takes about 50 ms. */
const pageBytes = 512 * 1024;

export interface HitRow {
  readonly messageId: number;
  readonly chatroomId: number;
  readonly chatroomName: string;
  readonly isFromUser: boolean;
  readonly content: string;
  readonly createdAt: Date;
  readonly rank: number;
  /** The newest message of all pages of this search. */
  readonly newestId: number;
  /** Hits from here on, at most one more than requested. */
  readonly found: number;
}

/**
 * Values: user, queries of the index, of phrases and of the rank, candidates, newest message, rank and id of the last hit, limit.
 * Blocks are read from the newest on, until there are enough candidates.
 */
const search: Statement<HitRow> = {
  name: 'search_messages',
  text: `with candidates as (
      select entry.message_id, entry.terms
      from search_accounts account, generate_series((account.entries - 1) / ${blockSize}, 0, -1) as newest_first (block), lateral (
        select message_id, terms from search_entries
        where pollux_search_terms(user_id, block, chatroom_id, terms)
            @@ replace($2::text, chr(1), account.user_id::text || '.' || newest_first.block::text || ' ')::tsquery
          and message_id <= $6::bigint
        order by message_id desc
      ) as entry
      where account.user_id = $1 limit $5
    ), hits as (
      select * from candidates where $3::text is null or terms @@ $3::tsquery limit ${hitsAtMost}
    ), ranked as (
      select message_id, ts_rank(terms, $4::tsquery, 1) as rank, max(message_id) over () as newest from hits
    ), page as (
      select m.id, m.chatroom_id, c.name, m.is_from_user, m.content, m.created_at, ranked.rank, ranked.newest,
        least(octet_length(m.content), ${4 * textLimit}) as bytes
      from ranked join messages m on m.id = ranked.message_id join chatrooms c on c.id = m.chatroom_id and c.user_id = $1
      where $7::float4 is null or (ranked.rank, m.id) < ($7, $8::bigint)
      order by ranked.rank desc, m.id desc limit $9::int + 1
    )
    select id as "messageId", chatroom_id as "chatroomId", name as "chatroomName", is_from_user as "isFromUser",
      left(content, ${textLimit}) as content, created_at as "createdAt", rank, newest as "newestId", found
    from (
      select *, count(*) over ()::int as found, row_number() over best_first as place, sum(bytes) over best_first - bytes as bytes_before
      from page window best_first as (order by rank desc, id desc rows unbounded preceding)
    ) as page
    where place <= $9 and bytes_before < ${pageBytes} order by place`,
};

export interface SearchQueries {
  readonly index: string;
  readonly phrases: string | null;
  readonly rank: string;
}

/** Where a page begins. */
export interface SearchPosition {
  /** Messages up to this one are searched. */
  readonly newestId: number;
  /** The last hit of the page before; null for the first page. */
  readonly last: { readonly rank: number; readonly id: number } | null;
}

/** The best of the newest 1,000 hits: at most `limit`, fewer if they exceed 512 KiB of text. */
export function searchMessages(
  db: Connection,
  userId: number,
  { index, phrases, rank }: SearchQueries,
  { newestId, last }: SearchPosition,
  limit: number,
): Promise<HitRow[]> {
  const candidates = phrases === null ? hitsAtMost : candidatesAtMost;
  const after = [last?.rank ?? null, last?.id ?? null];
  return db.run(search, [userId, index, phrases, rank, candidates, newestId, ...after, limit]);
}
