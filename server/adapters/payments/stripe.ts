/** Stripe through its official SDK. */
import { Stripe } from 'stripe';
import type { CheckoutFacts, Payments } from '../../ports/payments.ts';
import { customerOf, deleteCustomer } from './stripe-customer.ts';
import { readFacts } from './stripe-facts.ts';
import { available, availableFor, isMissing } from './stripe-errors.ts';
import { priceFacts } from './stripe-price.ts';
import { readPayments } from './stripe-payments.ts';
import { readSignedEvent } from './stripe-webhook.ts';

export interface StripeSettings {
  readonly secretKey: string;
  readonly webhookSecret: string;
  readonly thinWebhookSecret: string | null;
  /** Ids of the prices that buy a plan, at this moment. */
  readonly soldPrices: () => readonly string[];
  /** Another server that speaks Stripe's API; null for Stripe's. */
  readonly apiBase: string | null;
}

const timeoutMs = 20_000;
const retries = 2;
/** For calls during a user's request. */
const inPerson = { timeout: 8_000, maxNetworkRetries: 1 } as const;

export function stripePayments(settings: StripeSettings): Payments {
  const stripe = new Stripe(settings.secretKey, {
    ...addressOf(settings.apiBase),
    timeout: timeoutMs,
    maxNetworkRetries: retries,
    telemetry: false,
    appInfo: { name: 'Pollux' },
  });

  return {
    createCustomer: ({ userId, idempotencyKey }) =>
      available(async () => {
        const metadata = { user_id: String(userId) };
        const customer = await stripe.customers.create({ metadata }, { ...inPerson, idempotencyKey });
        return customer.id;
      }),
    createCheckout: ({ userId, customerId, priceId, returnUrl, idempotencyKey }) =>
      availableFor(customerId, async () => {
        const session = await stripe.checkout.sessions.create(
          {
            mode: 'subscription',
            customer: customerId,
            client_reference_id: String(userId),
            line_items: [{ price: priceId, quantity: 1 }],
            metadata: { price_id: priceId },
            success_url: `${returnUrl}?checkout=success&session_id={CHECKOUT_SESSION_ID}`,
            cancel_url: `${returnUrl}?checkout=cancelled`,
            subscription_data: { metadata: { user_id: String(userId) } },
          },
          { ...inPerson, idempotencyKey },
        );
        return checkoutFacts(session);
      }),
    readCheckout: (id) =>
      available(async () => {
        try {
          return checkoutFacts(await stripe.checkout.sessions.retrieve(id, {}, inPerson));
        } catch (error) {
          if (isMissing(error)) return null;
          throw error;
        }
      }),
    expireCheckout: (id) =>
      available(async () => {
        try {
          await stripe.checkout.sessions.expire(id, {}, inPerson);
        } catch (error) {
          // A session that is not open any more is refused.
          if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
        }
      }),
    createPortal: ({ customerId, returnUrl }) =>
      availableFor(customerId, async () => {
        const portal = { customer: customerId, return_url: returnUrl };
        return (await stripe.billingPortal.sessions.create(portal, inPerson)).url;
      }),
    readSubscriptions: (customerId) => available(() => readFacts(stripe, customerId, new Set(settings.soldPrices()))),
    readPayments: (customerId) =>
      available(async () => {
        try {
          return await readPayments(stripe, customerId);
        } catch (error) {
          if (isMissing(error)) return [];
          throw error;
        }
      }),
    listWebhooks: () =>
      available(async () => {
        const endpoints = await Array.fromAsync(stripe.webhookEndpoints.list({ limit: 100 }, inPerson));
        return endpoints.map(({ url, status, enabled_events }) => ({
          url,
          isEnabled: status === 'enabled',
          events: enabled_events,
        }));
      }),
    readPrices: (ids) =>
      available(async () => {
        const read = async (id: string) => [id, priceFacts(await stripe.prices.retrieve(id, {}, inPerson))] as const;
        const prices = await Promise.all(ids.map(read));
        return new Map(prices.flatMap(([id, price]) => (price === null ? [] : [[id, price] as const])));
      }),
    cancelSubscription: (id) =>
      available(async () => {
        try {
          await stripe.subscriptions.cancel(id);
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
      }),
    deleteCustomer: (id) => available(() => deleteCustomer(stripe, id)),
    readEvent: (rawBody, signature) => readSignedEvent(stripe, settings, rawBody, signature),
    findCustomer: (object) => available(() => customerOf(stripe, object)),
  };
}

function checkoutFacts(session: Stripe.Checkout.Session): CheckoutFacts {
  return {
    id: session.id,
    status: statusOf(session),
    url: session.url,
    expiresAt: new Date(session.expires_at * 1000),
    priceId: session.metadata?.price_id ?? null,
  };
}

function statusOf({ status }: Stripe.Checkout.Session): CheckoutFacts['status'] {
  if (status === 'open') return 'open';
  return status === 'complete' ? 'complete' : 'expired';
}

function addressOf(apiBase: string | null): Stripe.StripeConfig {
  if (apiBase === null) return {};
  const url = new URL(apiBase);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  return { protocol, host: url.hostname, port: url.port || (protocol === 'http' ? 80 : 443) };
}
