/** Checkout and portal sessions as objects: made, expired. */
import { copyOf } from '../copy.ts';
import { invalid, noSuch } from '../wire/errors.ts';
import { change, secondsPerDay, type SessionNotes, type World } from '../world.ts';
import type { LineItemRecord, PortalRecord, PriceRecord, SessionRecord } from '../records.ts';
import { isDeleted } from './customers.ts';

export interface NewSession {
  readonly customer: string | null;
  readonly customerEmail: string | null;
  readonly lines: ReadonlyArray<{ price: PriceRecord; quantity: number }>;
  readonly successUrl: string;
  readonly cancelUrl: string | null;
  readonly clientReferenceId: string | null;
  readonly metadata: Record<string, string>;
  readonly expiresAt: number | undefined;
  readonly allowPromotionCodes: boolean | null;
  readonly paymentMethodCollection: 'always' | 'if_required';
  readonly subscriptionData: Pick<SessionNotes, 'trialEnd' | 'metadata' | 'missingPaymentMethod'>;
}

/** Opens a hosted session in subscription mode; it expires after a day by default. */
export function makeSession(world: World, options: NewSession): SessionRecord {
  const id = world.newId('cs_test');
  const items = options.lines.map((line) => lineItemOf(world, line));
  const total = items.reduce((sum, item) => sum + item.amount_total, 0);
  const session: SessionRecord = {
    id,
    object: 'checkout.session',
    ...constants,
    allow_promotion_codes: options.allowPromotionCodes,
    amount_subtotal: total,
    amount_total: total,
    cancel_url: options.cancelUrl,
    client_reference_id: options.clientReferenceId,
    created: world.now(),
    currency: items[0]?.currency ?? 'usd',
    customer: options.customer,
    customer_creation: options.customer === null ? 'always' : null,
    customer_details: detailsOf(world, options.customer, options.customerEmail),
    customer_email: options.customerEmail,
    expires_at: options.expiresAt ?? world.now() + secondsPerDay,
    invoice: null,
    metadata: options.metadata,
    mode: 'subscription',
    payment_method_collection: options.paymentMethodCollection,
    payment_method_types: ['card', 'sepa_debit'],
    payment_status: 'unpaid',
    status: 'open',
    subscription: null,
    success_url: options.successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: `${world.publicUrl}/c/pay/${id}`,
  };
  world.tables['checkout.session'].set(id, session);
  world.sessionNotes.set(id, { lineItems: items, attempt: null, ...options.subscriptionData });
  return session;
}

const constants = {
  adaptive_pricing: null,
  after_expiration: null,
  allowed_payment_method_types: null,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  billing_address_collection: null,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  custom_fields: [],
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
  customer_account: null,
  discounts: [],
  integration_identifier: null,
  invoice_creation: null,
  livemode: false,
  locale: null,
  managed_payments: null,
  origin_context: null,
  payment_intent: null,
  payment_link: null,
  payment_method_configuration_details: null,
  payment_method_options: null,
  permissions: null,
  recovered_from: null,
  saved_payment_method_options: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  submit_type: null,
  wallet_options: null,
} satisfies Partial<SessionRecord>;

function lineItemOf(world: World, line: { price: PriceRecord; quantity: number }): LineItemRecord {
  const amount = (line.price.unit_amount ?? 0) * line.quantity;
  return {
    id: world.newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: line.price.currency,
    description: world.tables.product.get(line.price.product)?.name ?? null,
    metadata: null,
    price: copyOf(line.price),
    quantity: line.quantity,
  };
}

/** The customer, if the session has one. */
export function detailsOf(
  world: World,
  customerId: string | null,
  email: string | null,
): SessionRecord['customer_details'] {
  const customer = customerId === null ? undefined : world.tables.customer.get(customerId);
  const known = customer && !isDeleted(customer) ? customer : null;
  if (known === null && email === null) return null;
  return {
    address: null,
    business_name: null,
    email: known?.email ?? email,
    individual_name: null,
    name: known?.name ?? null,
    phone: known?.phone ?? null,
    tax_exempt: 'none',
    tax_ids: [],
  };
}

export function sessionNamed(world: World, id: string): SessionRecord {
  const session = world.tables['checkout.session'].get(id);
  if (!session) throw noSuch('checkout.session', id, 'id');
  return session;
}

/** Closes an open session, by the API or because its time is up. */
export function expireSession(world: World, session: SessionRecord): void {
  if (session.status !== 'open') {
    throw invalid(
      'Only Checkout Sessions with a status in ["open"] can be expired. ' +
        `This Checkout Session has a status of ${session.status}.`,
    );
  }
  change(world, session, { status: 'expired', url: null });
  world.emit('checkout.session.expired', session);
}

export function makePortalSession(world: World, customer: string, returnUrl: string | null): PortalRecord {
  const id = world.newId('bps');
  const session: PortalRecord = {
    id,
    object: 'billing_portal.session',
    configuration: 'bpc_fake_default',
    created: world.now(),
    customer,
    customer_account: null,
    flow: null,
    livemode: false,
    locale: null,
    on_behalf_of: null,
    return_url: returnUrl,
    url: `${world.publicUrl}/p/session/${id}`,
  };
  world.tables['billing_portal.session'].set(id, session);
  world.emit('billing_portal.session.created', session);
  return session;
}
