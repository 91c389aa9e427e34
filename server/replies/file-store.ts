/** SQL that reads the files on a path for the model, and remembers the copies that vendors keep of them. */
import type { Connection, Statement } from '../ports/database.ts';

/** How far up a path files are looked for, and how many are considered: the newest. */
const lookBackMessages = 1000;
const mostFiles = 30;

export interface PathFile {
  readonly id: number;
  readonly name: string;
  readonly messageId: number;
  /** Steps from the end of the path to its message. */
  readonly depth: number;
  /** `gone` once it is deleted; the rest is null then. */
  readonly status: 'processing' | 'ready' | 'failed' | 'gone';
  readonly mediaType: string | null;
  readonly size: number | null;
  readonly key: string | null;
  readonly pages: number | null;
  /** Of its text, in UTF-8. */
  readonly textBytes: number;
}

/** Values: last messages, users. */
const files: Statement<PathFile & { place: number }> = {
  name: 'reply_files',
  text: `with recursive path as (
      select place, user_id, last as next, null::bigint as id, 0 as depth, null::jsonb as attachments
      from unnest($1::bigint[], $2::bigint[]) with ordinality as asked (last, user_id, place)
      union all
      select path.place, path.user_id, m.parent_id, m.id, path.depth + 1, m.attachments
      from path join messages m on m.id = path.next where path.depth < ${lookBackMessages}
    ), held as (
      select path.place, path.user_id, path.depth, path.id as message_id, a.id, a.name, a.nth,
        row_number() over (partition by path.place order by path.depth, a.nth) as n
      from path cross join lateral rows from (jsonb_to_recordset(path.attachments) as (id bigint, name text))
        with ordinality as a (id, name, nth)
      where path.attachments is not null
    )
    select held.place, held.id, held.name, held.message_id as "messageId", held.depth,
      coalesce(f.status, 'gone') as status, f.media_type as "mediaType", f.size, f.key, f.pages, coalesce((
        select sum(octet_length(t.text)) from file_texts t where t.file_id = f.id
      ), 0)::int as "textBytes"
    from held left join lateral (
      select * from files where id = held.id and user_id = held.user_id offset 0
    ) as f on true
    where held.n <= ${mostFiles} order by held.place, held.n`,
};

/** The files on the path down to each message, those of the newest message first. */
export async function readPathFiles(
  db: Connection,
  paths: readonly { readonly lastMessageId: number | null; readonly userId: number }[],
): Promise<PathFile[][]> {
  const rows = await db.run(files, [
    paths.map(({ lastMessageId }) => lastMessageId),
    paths.map(({ userId }) => userId),
  ]);
  const byPlace = Map.groupBy(rows, ({ place }) => place);
  return paths.map((_, n) => byPlace.get(n + 1) ?? []);
}

/**
 * Values: file, terms as queries. A term counts the more, the fewer passages of the file have it, so that common words decide
 * nothing.
 */
const best: Statement<{ passage: number; page: number | null; text: string }> = {
  name: 'reply_file_passages',
  text: `with term as (
      select query::tsquery as query from unnest($2::text[]) as query
    ), weight as (
      select term.query, ln(1 + (select count(*) from file_texts where file_id = $1)::float8 / count(*)) as weight
      from term join file_texts t on t.file_id = $1 and t.terms @@ term.query group by term.query
    ), scored as (
      select t.passage, sum(weight.weight) as score
      from weight join file_texts t on t.file_id = $1 and t.terms @@ weight.query group by t.passage
    ), placed as (
      select t.*, sum(octet_length(t.text)) over (order by scored.score desc, t.passage) as bytes
      from scored join file_texts t on t.file_id = $1 and t.passage = scored.passage
    )
    select passage, page, text from placed where bytes <= $3::int order by passage`,
};

/** The passages of a file that match the terms best, at most so many bytes, in the order of the file. */
export function findBestPassages(db: Connection, fileId: number, terms: readonly string[], mostBytes: number) {
  return db.run(best, [fileId, terms, mostBytes]);
}

const findCopy: Statement<{ uri: string }> = {
  name: 'file_copy_find',
  text: `select uri from file_copies where file_id = $1 and vendor = $2 and until > now()`,
};
const keepCopy: Statement<never> = {
  name: 'file_copy_keep',
  text: `insert into file_copies (file_id, vendor, uri, until) select id, $2, $3, $4 from files where id = $1
    on conflict (file_id, vendor) do update set uri = excluded.uri, until = excluded.until`,
};
const forgetCopy: Statement<never> = {
  name: 'file_copy_forget',
  text: `delete from file_copies where file_id = $1 and vendor = $2`,
};

/** What the vendor calls its copy; null if there is none. */
export async function readFileCopy(db: Connection, fileId: number, vendor: string): Promise<string | null> {
  const [row] = await db.run(findCopy, [fileId, vendor]);
  return row?.uri ?? null;
}

/** Does nothing if the file was deleted. */
export async function keepFileCopy(
  db: Connection,
  fileId: number,
  { vendor, uri, until }: { readonly vendor: string; readonly uri: string; readonly until: Date },
): Promise<void> {
  await db.run(keepCopy, [fileId, vendor, uri, until]);
}

export async function forgetFileCopy(db: Connection, fileId: number, vendor: string): Promise<void> {
  await db.run(forgetCopy, [fileId, vendor]);
}
