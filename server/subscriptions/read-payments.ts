/** Reads what customers paid from the payment vendor, for the operator: apart from syncs, so that a plan never waits for it. */
import type { Logger } from 'pino';
import type { Plans } from '../config/catalog.ts';
import type { Database } from '../ports/database.ts';
import type { PaymentFacts, Payments } from '../ports/payments.ts';
import { listDuePayers, writePayments, type Payer, type PaymentRow } from './payment-store.ts';
import { planOf } from './tier.ts';

export interface PaymentsDeps {
  readonly db: Database;
  readonly payments: Payments;
  readonly plans: Plans;
  readonly log: Logger;
}

const atOnce = 4;
/** Of one run; the next one goes on. */
const mostPayers = 2000;

/** For every customer that was synced since its payments were read. Those that fail are left to the next run. */
export async function readDuePayments(deps: PaymentsDeps, signal: AbortSignal): Promise<void> {
  let after = 0;
  for (let read = 0; read < mostPayers; read += atOnce) {
    signal.throwIfAborted();
    const payers = await listDuePayers(deps.db, after, atOnce);
    await Promise.all(payers.map((payer) => readPaymentsOf(deps, payer)));
    after = payers.at(-1)?.userId ?? 0;
    if (payers.length < atOnce) return;
  }
}

async function readPaymentsOf({ db, payments, plans, log }: PaymentsDeps, payer: Payer): Promise<void> {
  try {
    const facts = await payments.readPayments(payer.customerId);
    await writePayments(
      db,
      payer,
      facts.map((one) => rowOf(one, plans)),
    );
  } catch (error) {
    log.warn({ user_id: payer.userId, err: error }, 'could not read the payments of a customer');
  }
}

function rowOf({ priceIds, ...fact }: PaymentFacts, plans: Plans): PaymentRow {
  return { ...fact, tier: planOf(priceIds, plans)?.id ?? null };
}
