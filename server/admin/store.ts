/** SQL for operators. */
import type { Tier } from '../../contract/plans.ts';
import { users } from '../accounts/tables.ts';
import { eq, or, sql } from '../migrations/drizzle.ts';
import type { Connection } from '../ports/database.ts';

const mostFound = 50;

/** Users with this id, or whose number contains these digits. */
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
 * Grants a tier, which takes precedence over what is paid for. Null removes the grant; the user's tier is `otherwise`
 * until the next sync with Stripe. Returns the user's id, or null when nobody has this number.
 */
export async function grantTier(
  db: Connection,
  mobileNumber: string,
  { granted, otherwise }: { granted: Tier | null; otherwise: Tier },
): Promise<number | null> {
  const rows = await db.orm
    .update(users)
    .set({ grantedTier: granted, tier: granted ?? otherwise })
    .where(eq(users.mobileNumber, mobileNumber))
    .returning({ id: users.id });
  return rows[0]?.id ?? null;
}
