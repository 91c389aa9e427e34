/** Refunds and disputes. */
import { invalid, noSuch } from '../wire/errors.ts';
import { change, secondsPerDay, type World } from '../world.ts';
import type { ChargeRecord, DisputeRecord, RefundRecord } from '../records.ts';
import { intentOf } from './collection.ts';
import { invoiceNamed } from './invoices.ts';

/** The charge behind any of `ch_`, `pi_`, `in_`, `sub_`; of a subscription, its latest paid one. */
export function chargeBehind(world: World, id: string): ChargeRecord {
  const { charge, payment_intent, subscription } = world.tables;
  const direct = charge.get(id) ?? charge.get(payment_intent.get(id)?.latest_charge ?? '');
  const found = direct ?? (subscription.has(id) ? lastPaidCharge(world, id) : chargeOfInvoice(world, id));
  if (!found) throw noSuch('charge', id, 'charge');
  return found;
}

/** A subscription's latest charge that succeeded. */
export function lastPaidCharge(world: World, subscription: string): ChargeRecord | undefined {
  return [...world.tables.invoice.values()]
    .toReversed()
    .filter((invoice) => invoice.parent.subscription_details.subscription === subscription)
    .map((invoice) => chargeOfInvoice(world, invoice.id))
    .find((charge) => charge?.status === 'succeeded');
}

/** The charge that paid, or last tried to pay, an invoice; undefined for free ones and for ids of nothing. */
export function chargeOfInvoice(world: World, id: string): ChargeRecord | undefined {
  if (!world.tables.invoice.has(id)) return undefined;
  return world.tables.charge.get(intentOf(world, invoiceNamed(world, id))?.latest_charge ?? '');
}

/** Refunds `amount` (by default the rest) in minor units. A pending refund is settled later. */
export function refund(
  world: World,
  charge: ChargeRecord,
  options: {
    amount?: number | undefined;
    pending?: boolean;
    reason?: RefundRecord['reason'];
    metadata?: Record<string, string>;
  } = {},
): RefundRecord {
  const amount = options.amount ?? charge.amount - charge.amount_refunded;
  refuseRefund(world, charge, amount);
  const one: RefundRecord = {
    id: world.newId('re'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: world.now(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    metadata: options.metadata ?? {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: options.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: options.pending ? 'pending' : 'succeeded',
    transfer_reversal: null,
  };
  world.tables.refund.set(one.id, one);
  world.emit('refund.created', one);
  const amount_refunded = charge.amount_refunded + amount;
  change(world, charge, { amount_refunded, refunded: amount_refunded === charge.amount }, 'charge.refunded');
  return one;
}

function refuseRefund(world: World, charge: ChargeRecord, amount: number): void {
  if (charge.status !== 'succeeded') throw invalid(`Charge ${charge.id} has not succeeded and cannot be refunded.`);
  if (charge.refunded) {
    throw invalid(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  }
  const dispute = [...world.tables.dispute.values()].find((one) => one.charge === charge.id);
  if (dispute && !dispute.is_charge_refundable && dispute.status !== 'won') {
    throw invalid(`Charge ${charge.id} has been charged back.`, { code: 'charge_disputed' });
  }
  const left = charge.amount - charge.amount_refunded;
  if (amount > 0 && amount <= left) return;
  throw invalid(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, { param: 'amount' });
}

export function refundNamed(world: World, id: string): RefundRecord {
  const one = world.tables.refund.get(id);
  if (!one) throw noSuch('refund', id, 'id');
  return one;
}

/** A pending refund arrives. */
export function settleRefund(world: World, one: RefundRecord): void {
  if (one.status !== 'pending') throw invalid(`Refund ${one.id} is ${one.status}.`);
  change(world, one, { status: 'succeeded' }, 'refund.updated');
}

/** The customer's bank sends a refund back: the charge counts as not refunded by it again. */
export function failRefund(world: World, one: RefundRecord): void {
  if (one.status === 'failed' || one.status === 'canceled') throw invalid(`Refund ${one.id} is ${one.status}.`);
  change(world, one, { status: 'failed', failure_reason: 'expired_or_canceled_card' }, 'refund.updated');
  world.emit('refund.failed', one);
  const charge = chargeBehind(world, one.charge);
  const amount_refunded = charge.amount_refunded - one.amount;
  change(world, charge, { amount_refunded, refunded: false }, 'charge.updated');
}

/** The customer's bank opens a dispute and withdraws the money; an inquiry withdraws nothing. */
export function openDispute(world: World, charge: ChargeRecord, options: { inquiry?: boolean } = {}): DisputeRecord {
  if (charge.status !== 'succeeded') throw new Error(`${charge.id} has not succeeded`);
  if (charge.disputed) throw new Error(`${charge.id} is already disputed`);
  const dispute: DisputeRecord = {
    id: world.newId('du'),
    object: 'dispute',
    amount: charge.amount - charge.amount_refunded,
    balance_transactions: [],
    charge: charge.id,
    created: world.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence,
    evidence_details: {
      due_by: world.now() + 14 * secondsPerDay,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: options.inquiry === true,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason: 'fraudulent',
    status: options.inquiry ? 'warning_needs_response' : 'needs_response',
  };
  world.tables.dispute.set(dispute.id, dispute);
  change(world, charge, { disputed: true }, 'charge.updated');
  world.emit('charge.dispute.created', dispute);
  if (!options.inquiry) world.emit('charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

const noEvidence = Object.fromEntries(
  `access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal
  customer_communication customer_email_address customer_name customer_purchase_ip customer_signature
  duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt
  refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation
  shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number
  uncategorized_file uncategorized_text`
    .split(/\s+/)
    .map((name) => [name, null] as const),
) as unknown as DisputeRecord['evidence'];

export function disputeNamed(world: World, id: string): DisputeRecord {
  const dispute = world.tables.dispute.get(id);
  if (!dispute) throw noSuch('dispute', id, 'id');
  return dispute;
}

/** The bank closes the dispute. An inquiry without a dispute becomes `warning_closed`. */
export function closeDispute(
  world: World,
  dispute: DisputeRecord,
  status: 'won' | 'lost' | 'warning_closed' | 'prevented',
): void {
  if (isDecided(dispute)) throw invalid('This dispute is already closed.');
  change(world, dispute, { status }, 'charge.dispute.updated');
  world.emit('charge.dispute.closed', dispute);
  if (status === 'won') world.emit('charge.dispute.funds_reinstated', dispute);
}

export function isDecided(dispute: DisputeRecord): boolean {
  return ['won', 'lost', 'warning_closed', 'prevented'].includes(dispute.status);
}
