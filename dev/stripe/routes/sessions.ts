/** `/v1/checkout/sessions` and `/v1/billing_portal/sessions`. */
import { priceNamed } from '../model/catalog.ts';
import { liveCustomer, refuseUnknownCustomer } from '../model/customers.ts';
import { expireSession, makePortalSession, makeSession, sessionNamed, type NewSession } from '../model/sessions.ts';
import type { PriceRecord } from '../records.ts';
import { invalid, missingParam } from '../wire/errors.ts';
import { inRange, listParams, matches, page } from '../wire/lists.ts';
import { flag, hash, integer, list, mergeMetadata, requiredText, text, word, type Params } from '../wire/params.ts';
import type { Route } from '../wire/route.ts';
import { secondsPerDay, type World } from '../world.ts';

const creation = [
  'allow_promotion_codes',
  'cancel_url',
  'client_reference_id',
  'customer',
  'customer_email',
  'customer_update',
  'expires_at',
  'line_items',
  'locale',
  'metadata',
  'mode',
  'payment_method_collection',
  'subscription_data',
  'success_url',
  'ui_mode',
];

function newSession(world: World, params: Params): NewSession {
  const mode = word(params, 'mode', ['subscription', 'payment', 'setup']) ?? 'payment';
  if (mode !== 'subscription') throw invalid('The fake Stripe models mode=subscription only.', { param: 'mode' });
  const customer = text(params, 'customer');
  const customerEmail = text(params, 'customer_email') ?? null;
  if (customer !== undefined && customerEmail !== null) {
    throw invalid('You may only specify one of these parameters: customer, customer_email.');
  }
  if (customer !== undefined) liveCustomer(world, customer, 'customer');
  return {
    customer: customer ?? null,
    customerEmail,
    lines: linesOf(world, params),
    successUrl: webUrl(requiredText(params, 'success_url'), 'success_url'),
    cancelUrl: text(params, 'cancel_url') ?? null,
    clientReferenceId: text(params, 'client_reference_id') ?? null,
    metadata: mergeMetadata(params, {}),
    expiresAt: expiryOf(world, params),
    allowPromotionCodes: flag(params, 'allow_promotion_codes') ?? null,
    paymentMethodCollection: word(params, 'payment_method_collection', ['always', 'if_required']) ?? 'always',
    subscriptionData: subscriptionDataOf(world, hash(params, 'subscription_data')),
  };
}

function linesOf(world: World, params: Params): Array<{ price: PriceRecord; quantity: number }> {
  const lines = list(params, 'line_items').map((line, index) => {
    const name = `line_items[${index}]`;
    if (typeof line === 'string' || Array.isArray(line)) throw invalid('Invalid object', { param: name });
    const price = priceNamed(world, requiredText(line, 'price'), `${name}[price]`);
    if (!price.active) throw invalid(`The price specified is inactive.`, { param: `${name}[price]` });
    return { price, quantity: integer(line, 'quantity') ?? 1 };
  });
  if (lines.length === 0) throw missingParam('line_items');
  if (lines.some((line) => line.price.recurring)) return lines;
  throw invalid('You must provide at least one recurring price in `subscription` mode when using prices.');
}

function webUrl(value: string, param: string): string {
  if (URL.canParse(value.replaceAll('{CHECKOUT_SESSION_ID}', 'id')) && /^https?:/.test(value)) return value;
  throw invalid('Not a valid URL', { code: 'url_invalid', param });
}

/** Half an hour to a day from now, as Stripe demands. */
function expiryOf(world: World, params: Params): number | undefined {
  const at = integer(params, 'expires_at');
  if (at === undefined) return undefined;
  const lifeSeconds = at - world.now();
  if (lifeSeconds >= 1790 && lifeSeconds <= secondsPerDay + 10) return at;
  throw invalid('The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from now.', {
    param: 'expires_at',
  });
}

function subscriptionDataOf(world: World, data: Params): NewSession['subscriptionData'] {
  const days = integer(data, 'trial_period_days');
  const behavior = hash(hash(data, 'trial_settings'), 'end_behavior');
  return {
    trialEnd: integer(data, 'trial_end') ?? (days === undefined ? undefined : world.now() + days * secondsPerDay),
    metadata: mergeMetadata(data, {}),
    missingPaymentMethod: word(behavior, 'missing_payment_method', ['cancel', 'create_invoice', 'pause']),
  };
}

export const sessionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/checkout/sessions',
    accepts: creation,
    run: ({ world, params }) => makeSession(world, newSession(world, params)),
  },
  {
    method: 'GET',
    path: '/v1/checkout/sessions',
    accepts: [...listParams, 'customer', 'status', 'subscription', 'payment_intent', 'created'],
    run: ({ world, params }) => {
      refuseUnknownCustomer(world, params);
      const rows = [...world.tables['checkout.session'].values()].filter(
        (session) =>
          matches(params, 'customer', session.customer) &&
          matches(params, 'status', session.status) &&
          matches(params, 'subscription', session.subscription) &&
          matches(params, 'payment_intent', null) &&
          inRange(params, 'created', session.created),
      );
      return page(rows, params, '/v1/checkout/sessions');
    },
  },
  {
    method: 'GET',
    path: '/v1/checkout/sessions/:id',
    accepts: [],
    run: ({ world, id }) => sessionNamed(world, id),
  },
  {
    method: 'GET',
    path: '/v1/checkout/sessions/:id/line_items',
    accepts: listParams,
    run: ({ world, params, id }) => {
      sessionNamed(world, id);
      const lines = world.sessionNotes.get(id)?.lineItems.toReversed() ?? [];
      return page(lines, params, `/v1/checkout/sessions/${id}/line_items`);
    },
  },
  {
    method: 'POST',
    path: '/v1/checkout/sessions/:id/expire',
    accepts: [],
    run: ({ world, id }) => {
      const session = sessionNamed(world, id);
      expireSession(world, session);
      return session;
    },
  },
  {
    method: 'POST',
    path: '/v1/billing_portal/sessions',
    accepts: ['customer', 'return_url', 'locale', 'configuration'],
    run: ({ world, params }) => {
      const customer = liveCustomer(world, requiredText(params, 'customer'), 'customer');
      const returnUrl = text(params, 'return_url');
      return makePortalSession(world, customer.id, returnUrl ? webUrl(returnUrl, 'return_url') : null);
    },
  },
];
