/** Stripe's errors as the port names them. Messages carry Stripe's codes, never parameters. */
import { Stripe } from 'stripe';
import { CustomerGone, PaymentsUnavailable } from '../../ports/payments.ts';

/** Answers that say nothing of the next try: a request with the same key is under way, or there were too many. */
const passing = new Set([409, 429]);

export function isMissing(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing';
}

/** Runs a call; whatever Stripe throws becomes `PaymentsUnavailable`, with what an operator needs to find it. */
export async function available<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const { type, code, statusCode, requestId } = error;
    const parts = [type, code, statusCode, requestId].filter((part) => part !== undefined && part !== null);
    const isFinal = statusCode !== undefined && !passing.has(statusCode);
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
