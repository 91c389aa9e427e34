/** SQL that reads an account for its export, but for what other features read; nothing once its deletion has begun. */
import type { Connection, Statement } from '../ports/database.ts';

/** As it is written to the archive. */
export interface ExportedAccount {
  readonly id: number;
  readonly mobile_number: string;
  readonly created_at: Date;
  readonly role: string;
  readonly plan: { readonly tier: string; readonly granted_tier: string | null };
  /** Null for accounts that never paid. */
  readonly subscription: object | null;
  /** By day, the newest of ten years at most. */
  readonly usage: readonly { readonly day: string; readonly used: number; readonly refunds: number }[];
  /** Calls to models by day, model and purpose, the newest of ten years at most. */
  readonly model_calls: readonly object[];
}

const account: Statement<ExportedAccount> = {
  name: 'export_account',
  text: `select u.id, u.mobile_number, u.created_at, u.role,
      json_build_object('tier', u.tier, 'granted_tier', u.granted_tier) as plan,
      (select json_build_object('status', b.status, 'current_period_end', b.current_period_end,
        'cancel_at_period_end', b.cancel_at_period_end, 'created_at', b.created_at)
        from billing_customers b where b.user_id = u.id) as subscription,
      (select coalesce(json_agg(json_build_object('day', d.day, 'used', d.used, 'refunds', d.refunds) order by d.day), '[]')
        from (select * from daily_usage where user_id = u.id order by day desc limit 3660) as d) as usage,
      (select coalesce(json_agg(json_build_object('day', e.day, 'model', e.model, 'purpose', e.purpose, 'calls', e.calls,
        'prompt_tokens', e.prompt, 'answer_tokens', e.answer) order by e.day, e.model, e.purpose), '[]')
        from (
          select (created_at at time zone 'utc')::date as day, model, purpose, count(*) as calls, sum(prompt_tokens) as prompt,
            sum(answer_tokens) as answer
          from usage_entries where user_id = u.id group by 1, 2, 3 order by 1 desc limit 36600
        ) as e) as model_calls
    from users u where u.id = $1 and u.deleted_at is null`,
};

/** Null once the account is deleted. */
export async function readExportedAccount(db: Connection, userId: number): Promise<ExportedAccount | null> {
  const [row] = await db.run(account, [userId]);
  return row ?? null;
}

const rooms: Statement<{ id: number | null }> = {
  name: 'export_rooms',
  text: `select c.id from users u left join lateral (
      select id from chatrooms where user_id = u.id and id > $2 order by id limit 1000
    ) as c on true
    where u.id = $1 and u.deleted_at is null order by c.id`,
};

/** The ids of the next rooms, at most 1000; null once the account is deleted. */
export async function listExportedRooms(db: Connection, userId: number, after: number): Promise<number[] | null> {
  const rows = await db.run(rooms, [userId, after]);
  return rows.length === 0 ? null : rows.flatMap(({ id }) => (id === null ? [] : [id]));
}

/** A frozen copy; `messages` is JSON of at most 1 MiB. */
export interface ExportedShare {
  readonly id: number;
  readonly name: string;
  readonly createdAt: Date;
  readonly messages: string;
}

const share: Statement<ExportedShare> = {
  name: 'export_share',
  text: `select s.id, s.name, s.created_at as "createdAt", s.messages from chatrooms c
    join shares s on s.chatroom_id = c.id and s.id > $3
    where c.id = $2 and c.user_id = $1 order by s.id limit 1`,
};

/** The next shared chat of a room; null at the end. Its link is not read, which is a secret. */
export async function readNextShare(
  db: Connection,
  { userId, roomId, after }: { userId: number; roomId: number; after: number },
): Promise<ExportedShare | null> {
  const [row] = await db.run(share, [userId, roomId, after]);
  return row ?? null;
}
