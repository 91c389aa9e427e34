/** Plans that accounts hold: a catalog without one of them is refused. */
import type { Catalog } from '../config/catalog.ts';
import { StartRefused } from '../config/start-refused.ts';
import type { Connection, Statement } from '../ports/database.ts';

interface HeldPlan {
  readonly tier: string;
  readonly accounts: number;
}

const unknown: Statement<HeldPlan> = {
  name: 'plans_held_unknown',
  text: `select tier, count(*)::int as accounts from users where deleted_at is null and tier <> all ($1::text[])
    group by tier order by tier`,
};

/** The plans that accounts hold and that are not among `ids`. */
export function readHeldPlans(db: Connection, ids: readonly string[]): Promise<HeldPlan[]> {
  return db.run(unknown, [ids]);
}

/** Throws `StartRefused` if an account holds a plan that the catalog does not have. */
export async function refuseHeldPlans(db: Connection, { plans }: Catalog): Promise<void> {
  const held = await readHeldPlans(
    db,
    plans.map(({ id }) => id),
  );
  if (held.length === 0) return;
  const told = held.map(({ tier, accounts }) => `${tier} (${accounts})`).join(', ');
  throw new StartRefused(
    `CATALOG must have every plan that accounts hold; it lacks ${told}. Add it, or first move them with \`npm run admin -- users set-tier\`.`,
  );
}
