/** Settings of the SMS vendors. The settings of the chosen one are complete. */
import type { Reader } from './reader.ts';
import { expectShapes, type Shapes } from './vendor-shapes.ts';

export type SmsConfig = { readonly kind: 'console' } | TwilioConfig;

interface TwilioConfig {
  readonly kind: 'twilio';
  /** Display name of the vendor. */
  readonly vendor: 'Twilio';
  readonly accountSid: string;
  readonly authToken: string;
  readonly from: string | null;
  readonly messagingServiceSid: string | null;
  readonly baseUrl: string | null;
}

/** Every vendor of `SMS_PROVIDER`, with the function that reads its settings. */
const vendors = { twilio: parseTwilio } as const;

/** The console is refused in production. */
export function parseSms(read: Reader, production: boolean): SmsConfig {
  const names = Object.keys(vendors) as (keyof typeof vendors)[];
  const kind = read.oneOf('SMS_PROVIDER', ['console', ...names]);
  if (kind !== 'console') return vendors[kind](read);
  if (production)
    read.complain(
      `SMS_PROVIDER must be ${names.join(' or ')} in production: the console shows codes to whoever reads it.`,
    );
  return { kind };
}

const twilioShapes: Shapes = {
  TWILIO_ACCOUNT_SID: { pattern: /^AC/, must: 'be the account SID, which begins with AC' },
  TWILIO_AUTH_TOKEN: { pattern: /^(?!AC|SK|MG|\+)/, must: 'be the auth token, not a SID or a number' },
  TWILIO_FROM_NUMBER: {
    pattern: /^(\+[1-9]\d{6,14}|\d{3,8}|(?!MG)(?=.*[A-Za-z])[\w +&-]{1,11})$/,
    must: 'be a number such as +14155550123, a short code or a sender name of up to 11 letters',
  },
  TWILIO_MESSAGING_SERVICE_SID: { pattern: /^MG/, must: 'be the SID of a messaging service, which begins with MG' },
};

function parseTwilio(read: Reader): TwilioConfig {
  const from = read.text('TWILIO_FROM_NUMBER');
  const messagingServiceSid = read.text('TWILIO_MESSAGING_SERVICE_SID');
  for (const name of ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'] as const) {
    if (read.text(name) === null) read.complain(`${name} must be set when SMS_PROVIDER is twilio.`);
  }
  if ((from === null) === (messagingServiceSid === null)) {
    read.complain(
      'Exactly one of TWILIO_FROM_NUMBER and TWILIO_MESSAGING_SERVICE_SID must be set when SMS_PROVIDER is twilio.',
    );
  }
  expectShapes(read, twilioShapes);
  return {
    kind: 'twilio',
    vendor: 'Twilio',
    accountSid: read.string('TWILIO_ACCOUNT_SID'),
    authToken: read.string('TWILIO_AUTH_TOKEN'),
    from,
    messagingServiceSid,
    baseUrl: read.webAddress('TWILIO_API_BASE'),
  };
}
