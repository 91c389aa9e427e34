/** Text messages over Twilio's REST API (https://www.twilio.com/docs/messaging/api/message-resource). */
import type { Sms } from '../../ports/sms.ts';

export interface TwilioSettings {
  readonly accountSid: string;
  readonly authToken: string;
  /** Sender number; null if a messaging service chooses it. */
  readonly from: string | null;
  readonly messagingServiceSid: string | null;
  /** Null for Twilio's server. */
  readonly baseUrl: string | null;
  /** 10 seconds by default. */
  readonly timeoutMs?: number;
}

/** A message that Twilio did not confirm. Holds neither number, text nor token. */
export class TwilioError extends Error {
  override readonly name = 'TwilioError';
  /** HTTP status; null without an answer, in which case the message may have been accepted. */
  readonly status: number | null;
  /** Twilio's error code (https://www.twilio.com/docs/api/errors). */
  readonly code: number | null;

  constructor(message: string, status: number | null = null, code: number | null = null) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Sends each message once, without retries: a request without an answer may have been accepted. */
export function twilioSms(settings: TwilioSettings): Sms {
  const { accountSid, authToken, from, messagingServiceSid, baseUrl, timeoutMs = 10_000 } = settings;
  const sender: Record<string, string> =
    messagingServiceSid === null ? { From: from ?? '' } : { MessagingServiceSid: messagingServiceSid };
  if (Object.values(sender).includes('')) {
    throw new Error('Twilio needs TWILIO_FROM_NUMBER or TWILIO_MESSAGING_SERVICE_SID');
  }
  const path = `/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`;
  const url = new URL((baseUrl ?? 'https://api.twilio.com').replace(/\/+$/, '') + path);
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;

  async function post(to: string, text: string, signal: AbortSignal): Promise<void> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization, accept: 'application/json' },
      body: new URLSearchParams({ To: to, ...sender, Body: text }),
      // A redirect would carry number and text to another host.
      redirect: 'error',
      signal,
    });
    // Read to the end so that the connection can be reused. After a 2xx the message is accepted even if this fails.
    const body = await response.text().catch(() => '');
    if (!response.ok) throw refusal(response.status, body);
  }

  return {
    label: 'twilio',
    async send(to, text, signal) {
      signal.throwIfAborted();
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        await post(to, text, AbortSignal.any([signal, timeout]));
      } catch (error) {
        if (error instanceof TwilioError) throw error;
        signal.throwIfAborted();
        if (timeout.aborted) throw new TwilioError(`Twilio did not answer within ${timeoutMs} ms`);
        throw new TwilioError(`The connection to Twilio failed${networkCode(error)}`);
      }
    },
  };
}

/** Uses only the code of Twilio's error: its message quotes the number. */
function refusal(status: number, body: string): TwilioError {
  let code: unknown;
  try {
    code = (JSON.parse(body) as { code?: unknown } | null)?.code;
  } catch {
    code = null;
  }
  const known = typeof code === 'number' && Number.isInteger(code) ? code : null;
  return new TwilioError(`Twilio answered ${status}${known === null ? '' : `, error ${known}`}`, status, known);
}

function networkCode(error: unknown): string {
  const code = error instanceof Error ? (error.cause as { code?: unknown } | undefined)?.code : null;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? ` (${code})` : '';
}
