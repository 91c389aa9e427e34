/** Settings of Gemini and Stripe. Each vendor's settings are complete or absent. */
import type { Reader } from './reader.ts';
import type { SettingName } from './settings.ts';
import { expectShapes, geminiShapes, stripeShapes } from './vendor-shapes.ts';

export interface GeminiConfig {
  readonly apiKey: string;
  readonly baseUrl: string | null;
}

export interface StripeConfig {
  readonly secretKey: string;
  readonly webhookSecret: string;
  readonly thinWebhookSecret: string | null;
  readonly apiBase: string | null;
}

/** Null without a key: the demo model then answers in Gemini's place. */
export function parseGemini(read: Reader): GeminiConfig | null {
  const apiKey = read.text('GEMINI_API_KEY');
  const baseUrl = read.webAddress('GEMINI_BASE_URL');
  if (apiKey !== null) {
    expectShapes(read, geminiShapes);
    return { apiKey, baseUrl };
  }
  if (baseUrl !== null)
    read.complain(
      'GEMINI_BASE_URL is set but GEMINI_API_KEY is not; set both (any key will do for a server that takes any).',
    );
  return null;
}

/** Null: billing is off. */
export function parseStripe(read: Reader): StripeConfig | null {
  const names: SettingName[] = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'];
  if (read.text('CATALOG') === null) names.push('STRIPE_PRO_PRICE_ID');
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
    apiBase,
  };
}
