/** Maps Stripe's errors to the port's. Messages hold Stripe's codes, never parameters. */
import { Stripe } from 'stripe';
import { CustomerGone, PaymentsUnavailable } from '../../ports/payments.ts';

/** Retryable 4xx: a request with the same key is in progress, or there were too many requests. */
const retryable = new Set([409, 429]);

export function isMissing(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing';
}

/** Runs a call; Stripe's errors become `PaymentsUnavailable` with the request id and codes that an operator needs. */
export async function available<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const { type, code, statusCode, requestId } = error;
    const parts = [type, code, statusCode, requestId].filter((part) => part !== undefined && part !== null);
    const isFinal = statusCode !== undefined && !retryable.has(statusCode);
    throw new PaymentsUnavailable(`Stripe answered ${parts.join(' ')}`, { isFinal });
  }
}

/** Like `available` for a call that names a customer. Throws `CustomerGone`. */
export function availableFor<T>(customerId: string, call: () => Promise<T>): Promise<T> {
  return available(async () => {
    try {
      return await call();
    } catch (error) {
      if (isMissing(error) && (error as { param?: string }).param === 'customer') {
        throw new CustomerGone(`Stripe does not know ${customerId}`);
      }
      throw error;
    }
  });
}
