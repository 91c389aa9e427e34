/** Stripe's webhooks: verifies signature and age, and reads the event. */
import { Stripe } from 'stripe';
import { InvalidSignature, type PaymentEvent } from '../../ports/payments.ts';
import { idOf } from './stripe-customer.ts';

const toleranceSeconds = 300;

interface Secrets {
  readonly webhookSecret: string;
  readonly thinWebhookSecret: string | null;
}

/** Reads snapshot events signed with the endpoint's secret and thin ones signed with theirs. Throws `InvalidSignature`. */
export async function readSignedEvent(
  stripe: Stripe,
  { webhookSecret, thinWebhookSecret }: Secrets,
  rawBody: Uint8Array,
  signature: string | undefined,
): Promise<PaymentEvent> {
  if (signature === undefined || lacksPresentTime(signature))
    throw new InvalidSignature('the signature is absent or not of this time');
  const body = Buffer.from(rawBody).toString('utf8');
  try {
    const parsed = JSON.parse(body) as { object?: unknown } | null;
    if (parsed?.object !== 'v2.core.event')
      return snapshotEvent(await stripe.webhooks.constructEventAsync(body, signature, webhookSecret, toleranceSeconds));
    const secret = thinWebhookSecret ?? webhookSecret;
    return thinEvent(await stripe.parseEventNotificationAsync(body, signature, secret, toleranceSeconds));
  } catch (error) {
    if (
      error instanceof Stripe.errors.StripeSignatureVerificationError ||
      error instanceof SyntaxError ||
      error instanceof TypeError
    ) {
      throw new InvalidSignature('the signature does not fit');
    }
    throw error;
  }
}

/** The SDK refuses only old timestamps, and uses the last of several; a future one would stay valid for longer. */
function lacksPresentTime(signature: string): boolean {
  const [time, ...more] = signature.matchAll(/(?:^|,)t=([^,]*)/g);
  if (!time || more.length > 0 || !/^\d{1,12}$/.test(time[1]!)) return true;
  return Number(time[1]) > Date.now() / 1000 + toleranceSeconds;
}

function snapshotEvent(event: Stripe.Event): PaymentEvent {
  if (typeof event.id !== 'string' || typeof event.type !== 'string') throw new TypeError('this is no event');
  const object = event.data.object as { object?: string; id?: string; customer?: Parameters<typeof idOf>[0] };
  const isCustomer = object.object === 'customer';
  return {
    id: event.id,
    type: event.type,
    customerId: isCustomer ? (object.id ?? null) : idOf(object.customer),
    object: object.object && object.id ? { type: object.object, id: object.id } : null,
  };
}

function thinEvent(event: Stripe.V2.Core.EventNotification): PaymentEvent {
  if (typeof event.id !== 'string' || typeof event.type !== 'string') throw new TypeError('this is no event');
  const related = 'related_object' in event ? (event.related_object as { id: string; type: string } | null) : null;
  return {
    id: event.id,
    type: event.type.replace(/^v1\./, ''),
    customerId: related?.type === 'customer' ? related.id : null,
    object: related ? { type: related.type, id: related.id } : null,
  };
}
