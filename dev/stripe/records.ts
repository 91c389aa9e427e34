/** The shapes the fake stores: the SDK's own types with every expandable field held as an id and decimals as strings. */
import type Stripe from 'stripe';

type With<T, Changes> = Omit<T, keyof Changes> & Changes;

export interface List<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

export type CustomerRecord = With<Stripe.Customer, { default_source: null }>;
export type ProductRecord = With<Stripe.Product, { default_price: string | null }>;
export type PriceRecord = With<
  Stripe.Price,
  { product: string; unit_amount_decimal: string | null; currency_options?: never; tiers?: never }
>;
export type PlanRecord = With<Stripe.Plan, { amount_decimal: string | null; product: string; tiers?: never }>;
export type PaymentMethodRecord = With<Stripe.PaymentMethod, { customer: string | null }>;

export type LineItemRecord = With<Stripe.LineItem, { price: PriceRecord }>;
export type SessionRecord = With<
  Stripe.Checkout.Session,
  {
    customer: string | null;
    invoice: string | null;
    subscription: string | null;
    currency_conversion: null;
    line_items?: List<LineItemRecord>;
  }
>;
export type PortalRecord = Stripe.BillingPortal.Session;

export type ItemRecord = With<Stripe.SubscriptionItem, { price: PriceRecord; plan: PlanRecord }>;
type PendingUpdateRecord = With<Stripe.Subscription.PendingUpdate, { subscription_items: ItemRecord[] | null }>;
export type SubscriptionRecord = With<
  Stripe.Subscription,
  {
    customer: string;
    default_payment_method: string | null;
    items: List<ItemRecord>;
    latest_invoice: string | null;
    pending_update: PendingUpdateRecord | null;
  }
>;

export type InvoiceLineRecord = With<
  Stripe.InvoiceLineItem,
  {
    quantity_decimal: string | null;
    subscription: string | null;
    pricing: {
      type: 'price_details';
      price_details: { price: string; product: string };
      unit_amount_decimal: string | null;
    };
  }
>;
export type InvoiceRecord = With<
  Stripe.Invoice,
  {
    customer: string;
    lines: List<InvoiceLineRecord>;
    parent: {
      type: 'subscription_details';
      quote_details: null;
      subscription_details: { metadata: Stripe.Metadata; subscription: string };
    };
    payments?: List<InvoicePaymentRecord>;
  }
>;
export type InvoicePaymentRecord = With<
  Stripe.InvoicePayment,
  { invoice: string; payment: { type: 'payment_intent'; payment_intent: string } }
>;
export type PaymentIntentRecord = With<
  Stripe.PaymentIntent,
  { customer: string; latest_charge: string | null; payment_method: string | null; amount_details?: never }
>;
export type ChargeRecord = With<
  Stripe.Charge,
  {
    customer: string;
    failure_balance_transaction: string | null;
    payment_intent: string;
    refunds?: List<RefundRecord>;
    payment_method_details: PaidWith | null;
  }
>;
/** The payment method of a charge, with the fields that a product may read. */
export interface PaidWith {
  type: string;
  [method: string]: unknown;
}
export type RefundRecord = With<Stripe.Refund, { charge: string; customer: string; payment_intent: string }>;
export type DisputeRecord = With<Stripe.Dispute, { charge: string; payment_intent: string }>;

/** Where events are sent, as the API tells it; see `deliveries.endpoints` for where they are really sent. */
export type WebhookEndpointRecord = Pick<
  Stripe.WebhookEndpoint,
  'id' | 'object' | 'url' | 'status' | 'enabled_events' | 'created'
>;

/** A snapshot event as `/v1/events` answers it and the webhook carries it. */
export interface EventRecord {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: unknown; previous_attributes?: Record<string, unknown> };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}

export interface Tables {
  customer: Map<string, CustomerRecord | Stripe.DeletedCustomer>;
  product: Map<string, ProductRecord>;
  price: Map<string, PriceRecord>;
  payment_method: Map<string, PaymentMethodRecord>;
  'checkout.session': Map<string, SessionRecord>;
  'billing_portal.session': Map<string, PortalRecord>;
  subscription: Map<string, SubscriptionRecord>;
  invoice: Map<string, InvoiceRecord>;
  invoice_payment: Map<string, InvoicePaymentRecord>;
  payment_intent: Map<string, PaymentIntentRecord>;
  charge: Map<string, ChargeRecord>;
  refund: Map<string, RefundRecord>;
  balance_transaction: Map<string, Stripe.BalanceTransaction>;
  dispute: Map<string, DisputeRecord>;
  event: Map<string, EventRecord>;
  webhook_endpoint: Map<string, WebhookEndpointRecord>;
}

/** The bank's answer to the next charge. `async_pending` leaves it pending until the bank answers. */
export type Outcome = 'succeeds' | 'fails' | 'requires_action' | 'async_pending';
