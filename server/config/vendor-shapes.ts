/** Formats of vendor keys and ids. The usual mistake is another value from the same dashboard page. */
import type { Reader } from './reader.ts';
import type { SettingName } from './settings.ts';

interface Shape {
  readonly pattern: RegExp;
  readonly must: string;
}

type Shapes = Readonly<Partial<Record<SettingName, Shape>>>;

export const twilioShapes: Shapes = {
  TWILIO_ACCOUNT_SID: { pattern: /^AC/, must: 'be the account SID, which begins with AC' },
  TWILIO_AUTH_TOKEN: { pattern: /^(?!AC|SK|MG|\+)/, must: 'be the auth token, not a SID or a number' },
  TWILIO_FROM_NUMBER: {
    pattern: /^(\+[1-9]\d{6,14}|\d{3,8}|(?!MG)(?=.*[A-Za-z])[\w +&-]{1,11})$/,
    must: 'be a number such as +14155550123, a short code or a sender name of up to 11 letters',
  },
  TWILIO_MESSAGING_SERVICE_SID: { pattern: /^MG/, must: 'be the SID of a messaging service, which begins with MG' },
};

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
