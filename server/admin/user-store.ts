/** SQL for operators' view and changes of accounts. Those whose deletion has begun are left out. */
import type { Revenue } from '../../contract/admin-usage.ts';
import type { Tier } from '../../contract/plans.ts';
import type { users } from '../accounts/tables.ts';
import type { Connection, Statement } from '../ports/database.ts';

type User = typeof users.$inferSelect;

export interface UserRow extends Pick<
  User,
  'id' | 'mobileNumber' | 'tier' | 'grantedTier' | 'role' | 'createdAt' | 'verifiedAt'
> {
  readonly blocked: boolean;
  readonly usedToday: number;
  readonly lastDay: string | null;
  readonly monthCostMicros: number;
}

const columns = `u.id, u.mobile_number as "mobileNumber", u.tier, u.granted_tier as "grantedTier", u.role,
  u.blocked_at is not null as blocked, u.created_at as "createdAt", u.verified_at as "verifiedAt",
  coalesce((select used from daily_usage where user_id = u.id and day = pollux_today()), 0) as "usedToday",
  (select max(day)::text from daily_usage where user_id = u.id and used > 0) as "lastDay",
  (select coalesce(sum(cost_micros), 0)::float8 from usage_entries where user_id = u.id and created_at >= pollux_month())
    as "monthCostMicros"`;

/** Values: digits, id, plan, blocked, before, limit; null = any. */
const list: Statement<UserRow> = {
  name: 'admin_users',
  text: `select ${columns} from users u
    where u.deleted_at is null and ($1::text is null or position($1 in u.mobile_number) > 0 or u.id = $2)
      and ($3::text is null or u.tier = $3) and ($4::boolean is null or (u.blocked_at is not null) = $4)
      and ($5::bigint is null or u.id < $5)
    order by u.id desc limit $6`,
};

export interface UserFilter {
  /** An id, or a number or a part of one. */
  readonly query?: string | undefined;
  readonly tier?: string | undefined;
  readonly blocked?: boolean | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Newest first. */
export function listUsers(
  db: Connection,
  { query, tier, blocked, before, limit }: UserFilter,
): Promise<readonly UserRow[]> {
  const digits = query?.replace(/\D/g, '') ?? null;
  if (digits === '') return Promise.resolve([]);
  const id = Number(query);
  const byId = query !== undefined && Number.isSafeInteger(id) && !query.startsWith('+');
  return db.run(list, [digits, byId ? id : null, tier ?? null, blocked ?? null, before ?? null, limit]);
}

export interface UserDetail extends UserRow {
  readonly sessions: number;
  readonly rooms: number;
  readonly unfinished: number;
  readonly costMicros: number;
  readonly revenue: readonly Revenue[];
}

const one: Statement<UserDetail> = {
  name: 'admin_user',
  text: `select ${columns},
      (select count(*)::int from sessions s where s.user_id = u.id and s.revoked_at is null and s.expires_at > now()) as sessions,
      (select count(*)::int from chatrooms c where c.user_id = u.id) as rooms, pollux_unfinished(u.id)::int as unfinished,
      (select coalesce(sum(cost_micros), 0)::float8 from usage_entries where user_id = u.id) as "costMicros",
      (select coalesce(json_agg(json_build_object('currency', currency, 'paid', paid, 'returned', returned)
          order by currency), '[]') from (
        select currency, coalesce(sum(amount) filter (where kind = 'paid'), 0) as paid,
          coalesce(sum(amount) filter (where kind <> 'paid'), 0) as returned
        from payments where user_id = u.id group by currency
      ) as moved) as revenue
    from users u where u.id = $1 and u.deleted_at is null`,
};

export async function readUser(db: Connection, userId: number): Promise<UserDetail | null> {
  const rows = await db.run(one, [userId]);
  return rows[0] ?? null;
}

const byNumber: Statement<{ id: number }> = {
  name: 'admin_user_by_number',
  text: `select id from users where mobile_number = $1`,
};

/** Null if nobody is registered with the number. */
export async function findByNumber(db: Connection, mobileNumber: string): Promise<number | null> {
  const rows = await db.run(byNumber, [mobileNumber]);
  return rows[0]?.id ?? null;
}

const lockRoles: Statement<{ id: number }> = {
  name: 'admin_lock_roles',
  text: `select id from users where role = 'admin' and blocked_at is null order by id for no key update`,
};

/** Makes changes of roles and blocks wait for each other until the transaction ends; returns the administrators. */
export async function lockAdmins(tx: Connection): Promise<readonly number[]> {
  return (await tx.run(lockRoles, [])).map(({ id }) => id);
}

export type Standing = Pick<User, 'mobileNumber' | 'grantedTier' | 'role'> & { readonly blocked: boolean };

const lockOne: Statement<Standing> = {
  name: 'admin_lock_user',
  text: `select mobile_number as "mobileNumber", granted_tier as "grantedTier", role, blocked_at is not null as blocked
    from users where id = $1 and deleted_at is null for no key update`,
};

export async function lockUser(tx: Connection, userId: number): Promise<Standing | null> {
  const rows = await tx.run(lockOne, [userId]);
  return rows[0] ?? null;
}

const write: Statement<never> = {
  name: 'admin_write_user',
  text: `update users set granted_tier = $2, role = $3, blocked_at = case when $4 then coalesce(blocked_at, now()) end,
      tier = case when granted_tier is distinct from $2 then coalesce($2, $5) else tier end
    where id = $1`,
};

/** Writes an operator's changes. Without a grant the tier is `otherwise` until the next sync with the payment vendor. */
export async function writeStanding(
  tx: Connection,
  userId: number,
  { grantedTier, role, blocked }: Omit<Standing, 'mobileNumber'>,
  otherwise: Tier,
): Promise<void> {
  await tx.run(write, [userId, grantedTier, role, blocked, otherwise]);
}
