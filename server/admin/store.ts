/** SQL for operators. */
import type { Tier } from '../../contract/plans.ts';
import type { users } from '../accounts/tables.ts';
import type { Connection, Statement } from '../ports/database.ts';

const mostFound = 50;

type FoundUser = Pick<
  typeof users.$inferSelect,
  'id' | 'mobileNumber' | 'tier' | 'grantedTier' | 'createdAt' | 'verifiedAt'
>;

const find: Statement<FoundUser> = {
  name: 'users_find',
  text: `select id, mobile_number as "mobileNumber", tier, granted_tier as "grantedTier", created_at as "createdAt",
      verified_at as "verifiedAt"
    from users where position($1 in mobile_number) > 0 or id = $2 order by id limit ${mostFound}`,
};

/** Users with this id, or whose number contains these digits. */
export function findUsers(db: Connection, query: string): Promise<FoundUser[]> {
  const id = Number(query);
  const byId = Number.isSafeInteger(id) && !query.startsWith('+');
  return db.run(find, [query.replace(/\D/g, ''), byId ? id : null]);
}

const grant: Statement<{ id: number }> = {
  name: 'user_grant_tier',
  text: `update users set granted_tier = $2, tier = coalesce($2, $3) where mobile_number = $1 returning id`,
};

/**
 * Grants a tier, which takes precedence over what is paid for. Null removes the grant; the user's tier is `otherwise`
 * until the next sync with Stripe. Returns the user's id, or null when nobody has this number.
 */
export async function grantTier(
  db: Connection,
  mobileNumber: string,
  { granted, otherwise }: { granted: Tier | null; otherwise: Tier },
): Promise<number | null> {
  const rows = await db.run(grant, [mobileNumber, granted, otherwise]);
  return rows[0]?.id ?? null;
}
