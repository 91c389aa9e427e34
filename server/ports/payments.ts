/** Port: payments, reduced to what determines the plan. */

/** The current state of a subscription at the vendor. */
export interface SubscriptionFacts {
  readonly id: string;
  /** Stripe's status: `trialing`, `active`, `past_due`, … */
  readonly status: string;
  /** All prices that it includes. */
  readonly priceIds: readonly string[];
  readonly currentPeriodEnd: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  /** An invoice was paid, or it began with a trial. False while a completed Checkout is unpaid. */
  readonly everPaid: boolean;
  /** When the oldest unpaid invoice first failed; null if nothing is owed. */
  readonly pastDueSince: Date | null;
  /** The payment of the current period was refunded in full. */
  readonly refunded: boolean;
  /** The worst dispute state of its payments. */
  readonly dispute: 'none' | 'open' | 'lost';
}

export interface CheckoutFacts {
  readonly id: string;
  readonly status: 'open' | 'complete' | 'expired';
  /** Null once the session is no longer open. */
  readonly url: string | null;
  readonly expiresAt: Date;
  /** The price that it sells; null for sessions from before there were several. */
  readonly priceId: string | null;
}

/** What is paid for each period, in the currency's smallest unit by ISO 4217. */
export interface PriceFacts {
  readonly amount: number;
  /** ISO 4217, in lower case. */
  readonly currency: string;
  readonly interval: 'day' | 'week' | 'month' | 'year';
  readonly intervalCount: number;
}

/** Money that an invoice brought, or that was returned of it. */
export interface PaymentFacts {
  /** The vendor's id of the invoice, refund or dispute. */
  readonly id: string;
  readonly kind: 'paid' | 'refunded' | 'disputed';
  readonly invoiceId: string;
  /** The prices of the invoice. */
  readonly priceIds: readonly string[];
  /** In the currency's smallest unit by ISO 4217. */
  readonly amount: number;
  /** ISO 4217, in lower case. */
  readonly currency: string;
  readonly at: Date;
}

/** An address that the vendor sends events to. */
export interface WebhookFacts {
  readonly url: string;
  readonly isEnabled: boolean;
  /** Types of events; `*` for all. */
  readonly events: readonly string[];
}

/** The stored part of an event: enough to find its customer. */
export interface PaymentEvent {
  readonly id: string;
  readonly type: string;
  readonly customerId: string | null;
  /** The object whose customer has to be fetched when the event names none. */
  readonly object: { readonly type: string; readonly id: string } | null;
}

/** The vendor is unavailable or refused the call. A retry may succeed. */
export class PaymentsUnavailable extends Error {
  /** The vendor answered, and would repeat the answer for the same idempotency key. */
  readonly isFinal: boolean;

  constructor(message: string, { isFinal = false }: { isFinal?: boolean } = {}) {
    super(message);
    this.name = new.target.name;
    this.isFinal = isFinal;
  }
}

/** The vendor has no such customer: deleted, or of another account or mode. */
export class CustomerGone extends PaymentsUnavailable {}

/** The webhook's signature is missing, wrong or too old. */
export class InvalidSignature extends Error {
  override readonly name = 'InvalidSignature';
}

/** Every call may reject with `PaymentsUnavailable`. */
export interface Payments {
  /** Creates a customer. The same idempotency key returns the same one. */
  createCustomer(options: { userId: number; idempotencyKey: string }): Promise<string>;
  /** Creates a Checkout session for a price. The same idempotency key returns the same one. Throws `CustomerGone`. */
  createCheckout(options: {
    userId: number;
    customerId: string;
    priceId: string;
    /** A page, without a query: what came of the session is appended as one. */
    returnUrl: string;
    idempotencyKey: string;
  }): Promise<CheckoutFacts>;
  /** Null if the vendor has no such session. */
  readCheckout(id: string): Promise<CheckoutFacts | null>;
  /** Ends an open session, so that it cannot be paid any more. Succeeds if it is not open. */
  expireCheckout(id: string): Promise<void>;
  /** Throws `CustomerGone`. */
  createPortal(options: { customerId: string; returnUrl: string }): Promise<string>;
  /** Fetches everything that determines the customer's plan; null if the customer is gone. */
  readSubscriptions(customerId: string): Promise<SubscriptionFacts[] | null>;
  /** Every paid invoice of a customer with an amount, its refunds, and the disputes that withdrew money; none if it is gone. */
  readPayments(customerId: string): Promise<PaymentFacts[]>;
  /** All addresses that the vendor sends events to. */
  listWebhooks(): Promise<WebhookFacts[]>;
  /** What these prices are, by id; left out are those that are not one amount for a period. */
  readPrices(ids: readonly string[]): Promise<ReadonlyMap<string, PriceFacts>>;
  /** Cancels a subscription immediately. Succeeds if it has ended already. */
  cancelSubscription(id: string): Promise<void>;
  /** Ends a customer's subscriptions at once, without refund, then deletes the customer. Succeeds if it is gone already. */
  deleteCustomer(customerId: string): Promise<void>;
  /** Verifies the signature of the raw body and its age, and returns the event. Throws `InvalidSignature`. */
  readEvent(rawBody: Uint8Array, signature: string | undefined): Promise<PaymentEvent>;
  /** The customer of an object; null if it has none or is gone. */
  findCustomer(object: { type: string; id: string }): Promise<string | null>;
}
