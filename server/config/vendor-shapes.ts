/** Formats of vendor keys and ids. The usual mistake is another value from the same dashboard page. */
import type { Reader } from './reader.ts';
import type { SettingName } from './settings.ts';

interface Shape {
  readonly pattern: RegExp;
  readonly must: string;
}

export type Shapes = Readonly<Partial<Record<SettingName, Shape>>>;

export const geminiShapes: Shapes = {
  GEMINI_API_KEY: { pattern: /^[\x21-\x7e]+$/, must: 'be one word of plain ASCII: copy the key again' },
  GEMINI_MODEL: {
    pattern: /^[\w.-]+(\/[\w.-]+)?$/,
    must: 'be the name of a model, such as the default or tunedModels/name',
  },
  GEMINI_BASE_URL: {
    pattern: /^(?!.*\/(v1|v1beta|v1alpha|openai|models)\/?$)/,
    must: 'end before the version, /v1beta, which is appended to it',
  },
};

export const stripeShapes: Shapes = {
  STRIPE_SECRET_KEY: { pattern: /^[sr]k_/, must: 'be a secret or restricted key, which begins with sk_ or rk_' },
  STRIPE_WEBHOOK_SECRET: {
    pattern: /^whsec_/,
    must: 'be the signing secret of the endpoint, which begins with whsec_',
  },
  STRIPE_THIN_WEBHOOK_SECRET: {
    pattern: /^whsec_/,
    must: 'be the signing secret of the endpoint, which begins with whsec_',
  },
  STRIPE_PRO_PRICE_ID: {
    // Prices created as legacy plans have custom ids.
    pattern: /^(?!(prod|sk|pk|rk|whsec|we|sub|cus|si|plink)_)[\w.-]+$/,
    must: 'be the id of a price, which begins with price_, not of a product or anything else',
  },
};

/** Reports every set value of the wrong format, without repeating it. */
export function expectShapes(read: Reader, shapes: Shapes): void {
  for (const [name, { pattern, must }] of Object.entries(shapes)) {
    const value = read.text(name as SettingName);
    if (value !== null && !pattern.test(value)) read.complain(`${name} must ${must}.`);
  }
}
