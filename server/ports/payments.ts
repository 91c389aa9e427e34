/** Payments: who pays for Pro, reduced to what decides the plan. */

/** One subscription as the vendor describes it now. */
export interface SubscriptionFacts {
  readonly id: string;
  /** Stripe's word: `trialing`, `active`, `past_due`, … */
  readonly status: string;
  /** It holds the price that is Pro. */
  readonly holdsProPrice: boolean;
  readonly currentPeriodEnd: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  /** An invoice of it was paid, or it began with a trial. False: Checkout is done, but the money has not come. */
  readonly everPaid: boolean;
  /** When the payments that are still owed first failed; null when nothing is owed. */
  readonly pastDueSince: Date | null;
  /** What paid for the current period was given back in full. */
  readonly refunded: boolean;
  /** The worst that is true of any payment for it. */
  readonly dispute: 'none' | 'open' | 'lost';
}

export interface CheckoutFacts {
  readonly id: string;
  readonly status: 'open' | 'complete' | 'expired';
  /** Null once it is not open. */
  readonly url: string | null;
  readonly expiresAt: Date;
}

/** What of an event is kept: enough to know whose it is. */
export interface PaymentEvent {
  readonly id: string;
  readonly type: string;
  readonly customerId: string | null;
  /** The object to ask for its customer when the event does not name one. */
  readonly object: { readonly type: string; readonly id: string } | null;
}

/** The vendor cannot be reached, or refuses for reasons of its own; trying again later may help. */
export class PaymentsUnavailable extends Error {
  /** The vendor has spoken, and would say the same to the same idempotency key again. */
  readonly isFinal: boolean;

  constructor(message: string, { isFinal = false }: { isFinal?: boolean } = {}) {
    super(message);
    this.name = new.target.name;
    this.isFinal = isFinal;
  }
}

/** The vendor does not know this customer, or not any more: deleted, or of another account or mode. */
export class CustomerGone extends PaymentsUnavailable {}

/** A webhook whose signature is absent, wrong or not of this time. */
export class InvalidSignature extends Error {
  override readonly name = 'InvalidSignature';
}

/** Every call rejects with `PaymentsUnavailable` when the vendor does not do its part. */
export interface Payments {
  /** Makes a customer; the same key gives the same one. */
  createCustomer(options: { userId: number; idempotencyKey: string }): Promise<string>;
  /** Makes a Checkout session for Pro; the same key gives the same one. Throws `CustomerGone`. */
  createCheckout(options: {
    userId: number;
    customerId: string;
    /** A page, without a query: what came of the session is appended as one. */
    returnUrl: string;
    idempotencyKey: string;
  }): Promise<CheckoutFacts>;
  /** Null for one the vendor does not know. */
  readCheckout(id: string): Promise<CheckoutFacts | null>;
  /** Throws `CustomerGone`. */
  createPortal(options: { customerId: string; returnUrl: string }): Promise<string>;
  /** Everything that decides the customer's plan, fetched anew; null for a customer that is gone. */
  readSubscriptions(customerId: string): Promise<SubscriptionFacts[] | null>;
  /** Ends a subscription at once; fine when it has ended. */
  cancelSubscription(id: string): Promise<void>;
  /** Checks the signature over the raw body and its age, then reads the event. Throws `InvalidSignature`. */
  readEvent(rawBody: Buffer, signature: string | undefined): Promise<PaymentEvent>;
  /** The customer an object belongs to; null when it has none or is gone. */
  findCustomer(object: { type: string; id: string }): Promise<string | null>;
}
