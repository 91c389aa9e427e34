/** SQL for operators. */
import { users } from '../accounts/tables.ts';
import { eq, or, sql } from '../drizzle.ts';
import type { Connection } from '../ports/database.ts';

const mostFound = 50;

/** Users whose id is this, or whose number holds these digits. */
export async function findUsers(db: Connection, query: string) {
  const digits = query.replace(/\D/g, '');
  const byNumber = sql`position(${digits} in ${users.mobileNumber}) > 0`;
  const id = Number(query);
  return db.orm
    .select({
      id: users.id,
      mobileNumber: users.mobileNumber,
      tier: users.tier,
      grantedTier: users.grantedTier,
      createdAt: users.createdAt,
      verifiedAt: users.verifiedAt,
    })
    .from(users)
    .where(Number.isSafeInteger(id) && !query.startsWith('+') ? or(eq(users.id, id), byNumber) : byNumber)
    .orderBy(users.id)
    .limit(mostFound);
}

/**
 * Grants a tier that stands above what is paid for; null takes the grant back, to Basic until billing has looked.
 * Gives the user's id, null when nobody has this number.
 */
export async function grantTier(
  db: Connection,
  mobileNumber: string,
  tier: 'Basic' | 'Pro' | null,
): Promise<number | null> {
  const rows = await db.orm
    .update(users)
    .set({ grantedTier: tier, tier: tier ?? 'Basic' })
    .where(eq(users.mobileNumber, mobileNumber))
    .returning({ id: users.id });
  return rows[0]?.id ?? null;
}
