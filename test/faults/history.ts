/** A trigger records every change of a reply's row with the worker that made it. */
import type { Sql } from '../sql.ts';

const install = `
  create table reply_history (
    seq bigserial primary key, id bigint, old_epoch int, epoch int, was text, became text, writer text
  );
  create function note_reply_change() returns trigger language plpgsql as $$ begin
    insert into reply_history (id, old_epoch, epoch, was, became, writer)
    values (new.message_id, old.epoch, new.epoch, old.status, new.status, current_setting('application_name'));
    return null;
  end $$;
  create trigger reply_history after update on replies for each row
    execute function note_reply_change()`;

/** Starts recording. Each worker must have its own name in DATABASE_URL, see `named`. */
export async function noteHistory(sql: Sql): Promise<void> {
  await sql(install);
}

/** The URL with an application name, which identifies the writer. */
export function named(databaseUrl: string, name: string): string {
  return `${databaseUrl}?application_name=${name}`;
}

const findings = `with claims as (
    select id, epoch, writer from reply_history where epoch = old_epoch + 1 and became = 'generating'
  )
  select
    (select count(*) from reply_history where was in ('complete', 'failed', 'cancelled'))::int as "afterTheEnd",
    (select count(*) from (
      select from reply_history where became in ('complete', 'failed', 'cancelled') group by id having count(*) > 1
    ) as twice)::int as "endedTwice",
    (select count(*) from reply_history h join claims c using (id, epoch)
      where h.epoch = h.old_epoch and h.became in ('generating', 'complete') and h.writer <> c.writer)::int as stale,
    (select count(*) from claims where epoch > 1)::int as takeovers`;

export interface HistoryFindings {
  /** Replies that were settled twice or changed after they were settled. */
  readonly doubled: number;
  /** Writes by a worker that no longer held the reply. */
  readonly stale: number;
  /** Attempts after the first. */
  readonly takeovers: number;
}

export async function readHistory(sql: Sql): Promise<HistoryFindings> {
  const [row] = await sql<Record<'afterTheEnd' | 'endedTwice' | 'stale' | 'takeovers', number>>(findings);
  const { afterTheEnd, endedTwice, stale, takeovers } = row!;
  return { doubled: afterTheEnd + endedTwice, stale, takeovers };
}
