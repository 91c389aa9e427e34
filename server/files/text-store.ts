/** SQL for the text of files, in passages. */
import type { Connection, Statement } from '../ports/database.ts';

export interface NewPassage {
  /** Page, slide or sheet on which it begins, from 1; null where the file has none. */
  readonly page: number | null;
  readonly text: string;
  /** Its `tsvector`, as text. */
  readonly terms: string;
}

const add: Statement<never> = {
  name: 'file_text_add',
  text: `insert into file_texts (file_id, passage, page, text, terms)
    select $1, n, page, text, terms::tsvector
    from unnest($2::int[], $3::text[], $4::text[]) with ordinality as given (page, text, terms, n)`,
};

/** Stores the text of a file that has none yet. */
export async function addPassages(tx: Connection, fileId: number, passages: readonly NewPassage[]): Promise<void> {
  if (passages.length === 0) return;
  const [pages, texts, terms] = [
    passages.map(({ page }) => page),
    passages.map(({ text }) => text),
    passages.map((passage) => passage.terms),
  ];
  await tx.run(add, [fileId, pages, texts, terms]);
}

/** A piece of a file's text, at most `passageLength` characters. */
export interface Passage {
  readonly fileId: number;
  /** Its place in the file, from 1. */
  readonly passage: number;
  /** Page, slide or sheet on which it begins, from 1; null where the file has none. */
  readonly page: number | null;
  readonly text: string;
}

const columns = `t.file_id as "fileId", t.passage, t.page, t.text`;
const ofOwner = `file_texts t join files f on f.id = t.file_id and f.user_id = $1 and f.status = 'ready'`;

const whole: Statement<Passage> = {
  name: 'file_text',
  text: `select "fileId", passage, page, text from (
      select ${columns}, sum(octet_length(t.text)) over (order by t.passage) as bytes
      from ${ofOwner} where t.file_id = $2
    ) as passages where bytes <= $3 order by passage`,
};

/** The text of one of the owner's files from its beginning, at most `atMostBytes` of UTF-8; empty for a file without text. */
export function readPassages(db: Connection, userId: number, fileId: number, atMostBytes: number): Promise<Passage[]> {
  return db.run(whole, [userId, fileId, atMostBytes]);
}
