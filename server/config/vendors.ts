/** Settings of Gemini and Stripe. Each vendor's settings are complete or absent. */
import type { Reader } from './reader.ts';
import { expectShapes, geminiShapes, stripeShapes } from './vendor-shapes.ts';

export type ModelConfig =
  | { readonly kind: 'demo' }
  | { readonly kind: 'gemini'; readonly apiKey: string; readonly model: string; readonly baseUrl: string | null };

export interface StripeConfig {
  readonly secretKey: string;
  readonly webhookSecret: string;
  readonly thinWebhookSecret: string | null;
  readonly proPriceId: string;
  readonly apiBase: string | null;
}

/** The demo model is refused in production. */
export function parseModel(read: Reader, production: boolean): ModelConfig {
  const apiKey = read.text('GEMINI_API_KEY');
  const baseUrl = read.webAddress('GEMINI_BASE_URL');
  if (apiKey !== null) {
    expectShapes(read, geminiShapes);
    return { kind: 'gemini', apiKey, model: read.string('GEMINI_MODEL'), baseUrl };
  }
  if (production) read.complain('GEMINI_API_KEY must be set in production: the demo model is for development.');
  if (baseUrl !== null)
    read.complain(
      'GEMINI_BASE_URL is set but GEMINI_API_KEY is not; set both (any key will do for a server that takes any).',
    );
  return { kind: 'demo' };
}

/** Null: billing is off. */
export function parseStripe(read: Reader): StripeConfig | null {
  const names = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'STRIPE_PRO_PRICE_ID'] as const;
  const missing = names.filter((name) => read.text(name) === null);
  const apiBase = read.webAddress('STRIPE_API_BASE');
  const thinWebhookSecret = read.text('STRIPE_THIN_WEBHOOK_SECRET');
  if (missing.length === names.length && apiBase === null && thinWebhookSecret === null) return null;
  for (const name of missing) read.complain(`${name} must be set as well: billing needs ${names.join(', ')}.`);
  expectShapes(read, stripeShapes);
  return {
    secretKey: read.string('STRIPE_SECRET_KEY'),
    webhookSecret: read.string('STRIPE_WEBHOOK_SECRET'),
    thinWebhookSecret,
    proPriceId: read.string('STRIPE_PRO_PRICE_ID'),
    apiBase,
  };
}
