/** Payment methods, payment intents and charges: which change when an invoice is collected. */
import type Stripe from 'stripe';
import type { ChargeRecord, InvoiceRecord, PaidWith, PaymentIntentRecord, PaymentMethodRecord } from '../records.ts';
import type { World } from '../world.ts';

/** Attaches a method to the customer: the usual test card, or a bank account whose debits take days. */
export function makePaymentMethod(world: World, customer: string, type: 'card' | 'sepa_debit'): PaymentMethodRecord {
  const method: PaymentMethodRecord = {
    id: world.newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'limited',
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    created: world.now(),
    customer,
    customer_account: null,
    livemode: false,
    metadata: {},
    type,
    ...(type === 'card' && { card: testCard }),
  };
  world.tables.payment_method.set(method.id, method);
  world.emit('payment_method.attached', method);
  return method;
}

const testCard: NonNullable<PaymentMethodRecord['card']> = {
  brand: 'visa',
  checks: null,
  country: 'US',
  display_brand: 'visa',
  exp_month: 12,
  exp_year: 2034,
  fingerprint: 'fakefingerprint1',
  funding: 'credit',
  generated_from: null,
  last4: '4242',
  networks: null,
  regulated_status: 'unregulated',
  three_d_secure_usage: null,
  wallet: null,
};

/** The payment intent Stripe makes when it finalises an invoice with something to collect. */
export function makePaymentIntent(world: World, invoice: InvoiceRecord): PaymentIntentRecord {
  const id = world.newId('pi');
  const intent: PaymentIntentRecord = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: invoice.amount_due,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: `${id}_secret_${world.newId('fake')}`,
    confirmation_method: 'automatic',
    created: world.now(),
    currency: invoice.currency,
    customer: invoice.customer,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: 'off_session',
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
  };
  world.tables.payment_intent.set(id, intent);
  world.emit('payment_intent.created', intent);
  return intent;
}

/** One attempt to charge the intent. Emits no event; the caller does. */
export function makeCharge(
  world: World,
  intent: PaymentIntentRecord,
  status: 'succeeded' | 'failed' | 'pending',
): ChargeRecord {
  const failed = status === 'failed';
  const method = intent.payment_method ? world.tables.payment_method.get(intent.payment_method) : undefined;
  const charge: ChargeRecord = {
    id: world.newId('ch'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: failed ? 0 : intent.amount,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: null,
    captured: !failed,
    created: world.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: null,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: failed ? 'card_declined' : null,
    failure_message: failed ? 'Your card was declined.' : null,
    fraud_details: {},
    livemode: false,
    metadata: {},
    on_behalf_of: null,
    outcome: null,
    paid: status === 'succeeded',
    payment_intent: intent.id,
    payment_method: intent.payment_method,
    payment_method_details: paidWith(method),
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status,
    transfer_data: null,
    transfer_group: null,
  };
  world.tables.charge.set(charge.id, charge);
  return charge;
}

/** A debit that fails after days is debited from the account's balance; returns the id of the balance transaction. */
export function takeBack(world: World, charge: ChargeRecord): string {
  const booking: Stripe.BalanceTransaction = {
    id: world.newId('txn'),
    object: 'balance_transaction',
    amount: -charge.amount,
    available_on: world.now(),
    balance_type: 'payments',
    created: world.now(),
    currency: charge.currency,
    description: 'Payment failure refund',
    exchange_rate: null,
    fee: 0,
    fee_details: [],
    net: -charge.amount,
    reporting_category: 'payment_failure_refund',
    source: charge.id,
    status: 'available',
    type: 'payment_failure_refund',
  };
  world.tables.balance_transaction.set(booking.id, booking);
  return booking.id;
}

function paidWith(method: PaymentMethodRecord | undefined): PaidWith | null {
  if (!method) return null;
  if (method.type === 'card') return { type: 'card', card: { brand: 'visa', last4: '4242', country: 'US' } };
  return { type: method.type, [method.type]: { last4: '3000' } };
}

/** The error a declined card leaves on its payment intent. */
export const declined = {
  charge: undefined as string | undefined,
  code: 'card_declined',
  decline_code: 'generic_decline',
  doc_url: 'https://stripe.com/docs/error-codes/card-declined',
  message: 'Your card was declined.',
  type: 'card_error',
} as const;
