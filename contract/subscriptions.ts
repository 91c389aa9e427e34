/** Subscriptions: Checkout, billing portal, status and the Stripe webhook. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Budget, builtInPlanIds, Tier } from './plans.ts';
import { Nullable, Timestamp } from './shapes.ts';

export const CheckoutSession = Type.Object(
  {
    url: Type.String({
      format: 'uri',
      description: "Stripe's payment page.",
      examples: ['https://checkout.stripe.com/c/pay/cs_1'],
    }),
    session_id: Type.String({ examples: ['cs_1'] }),
  },
  { title: 'CheckoutSession' },
);
export type CheckoutSession = Static<typeof CheckoutSession>;

export const PortalSession = Type.Object(
  {
    url: Type.String({
      format: 'uri',
      description: "Stripe's billing portal.",
      examples: ['https://billing.stripe.com/p/session/1'],
    }),
  },
  { title: 'PortalSession' },
);

export const Subscription = Type.Object(
  {
    tier: Tier,
    status: Type.String({
      description:
        "Stripe's word for the subscription that counts (`active`, `trialing`, `past_due`, `canceled`, …); `none` without one.",
      examples: ['active'],
    }),
    daily_limit: Nullable(Type.Integer({ description: 'Messages a day; null = unlimited.', examples: [null] })),
    messages_used_today: Type.Integer({ minimum: 0, examples: [12] }),
    remaining_today: Nullable(Type.Integer({ minimum: 0, description: 'Null = unlimited.', examples: [null] })),
    resets_at: Timestamp,
    last_reset_date: Type.String({
      format: 'date',
      description: 'The current UTC day.',
      examples: ['2026-11-23'],
    }),
    current_period_end: Nullable(Timestamp),
    cancel_at_period_end: Type.Boolean(),
    budget: Budget,
  },
  { title: 'Subscription' },
);
export type Subscription = Static<typeof Subscription>;

export const subscribePro = endpoint({
  method: 'POST',
  path: '/subscribe/pro',
  operationId: 'subscribePro',
  tag: 'Plans',
  summary: 'Start a Checkout session for Pro',
  description:
    'Gives a Stripe Checkout session for the plan Pro, or for the first plan that is sold where there is no Pro. Asking again while it is open gives the same one. The plan changes when Stripe says that it is paid.',
  auth: 'bearer',
  rates: ['writes', 'billing'],
  answers: { 201: { description: 'The session.', body: CheckoutSession } },
  problems: ['already_subscribed', 'billing_not_configured', 'billing_unavailable'],
});

export const NewCheckout = Type.Object(
  {
    plan: Type.String({ maxLength: 100, description: 'Id of a plan that is sold.', examples: [builtInPlanIds[1]] }),
    interval: Type.Optional(
      Type.Enum(['day', 'week', 'month', 'year'], {
        description: 'Which of its prices; by default the first in `GET /plans`.',
        examples: ['month'],
      }),
    ),
  },
  { title: 'NewCheckout' },
);

export const startCheckout = endpoint({
  method: 'POST',
  path: '/subscribe/checkout',
  operationId: 'startCheckout',
  tag: 'Plans',
  summary: 'Start a Checkout session for a plan',
  description:
    'Gives a Stripe Checkout session. Asking again for the same price while it is open gives the same one; asking for another one ends it. Between plans that are sold people move in the billing portal.',
  auth: 'bearer',
  rates: ['writes', 'billing'],
  body: NewCheckout,
  answers: { 201: { description: 'The session.', body: CheckoutSession } },
  problems: ['already_subscribed', 'billing_not_configured', 'billing_unavailable'],
});

export const openPortal = endpoint({
  method: 'POST',
  path: '/subscribe/portal',
  operationId: 'openBillingPortal',
  tag: 'Plans',
  summary: 'Open the billing portal',
  description: "Opens Stripe's billing portal: cancel, resume, change cards, see invoices.",
  auth: 'bearer',
  rates: ['writes', 'billing'],
  answers: { 201: { description: 'The portal.', body: PortalSession } },
  problems: ['billing_not_configured', 'billing_unavailable'],
});

export const readSubscription = endpoint({
  method: 'GET',
  path: '/subscribe/status',
  operationId: 'readSubscription',
  tag: 'Plans',
  summary: 'Plan and usage of today',
  description: 'The plan, its limits and usage today, and the end of the current period.',
  auth: 'bearer',
  answers: { 200: { description: 'The plan.', body: Subscription } },
  problems: [],
});

export const receiveWebhook = endpoint({
  method: 'POST',
  path: '/subscribe/webhook',
  operationId: 'receiveStripeWebhook',
  tag: 'Plans',
  summary: 'Receive a Stripe event',
  description:
    'Takes signed events, snapshot or thin, notes each once and answers before acting on it. The plan is then worked out from what Stripe says at that moment, never from the event.',
  auth: 'none',
  headers: Type.Object({
    'stripe-signature': Type.Optional(
      Type.String({ description: 'Signature over the raw body, at most five minutes old.' }),
    ),
  }),
  body: Type.Object({}, { description: 'A Stripe event.', additionalProperties: true }),
  accepts: 'raw',
  answers: { 200: { description: 'Received.', body: Type.Object({ status: Type.Literal('received') }) } },
  problems: ['invalid_signature', 'billing_not_configured'],
});
