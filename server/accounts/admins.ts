/** Grants the role of administrator to the accounts whose numbers are in ADMIN_MOBILE_NUMBERS. */
import type { Connection, Statement } from '../ports/database.ts';

const promote: Statement<{ userId: number }> = {
  name: 'admins_promote',
  text: `with promoted as (
      update users set role = 'admin'
      where mobile_number = any ($1::text[]) and role <> 'admin' and verified_at is not null and blocked_at is null
      returning id
    )
    insert into audit_log (actor, action, user_id, details)
    select 'settings', 'role_changed', id, '{"from": "user", "to": "admin"}' from promoted returning user_id as "userId"`,
};

/** Grants the role to those of these numbers that have signed in; returns the accounts that did not have it. */
export async function promoteAdmins(db: Connection, numbers: readonly string[]): Promise<number[]> {
  if (numbers.length === 0) return [];
  return (await db.run(promote, [numbers])).map(({ userId }) => userId);
}
