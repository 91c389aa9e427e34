/** Sends codes by SMS after the response, so that response times do not reveal whether a number is registered. */
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Sms } from '../ports/sms.ts';
import { ProblemError } from '../problems/problem.ts';
import { smsRules } from './code-limits.ts';
import { noteSms } from './code-store.ts';
import type { CodeDeps, IssuedCode } from './codes.ts';
import { countryOf, numberRange } from './phone-number.ts';
import { readRegistration } from './store.ts';

export interface CodeMeter {
  /** `withheld`: the hourly SMS budget was used up. `country` is an ISO 3166 code or `unknown`. */
  sms(country: string, outcome: 'sent' | 'failed' | 'withheld'): void;
  verified(country: string): void;
}

export interface CodeDelivery extends AsyncDisposable {
  /** Throws `service_unavailable` while too many codes wait to be sent. */
  refuseWhileFull(): void;
  /** Sends the code after the response if the number is registered. Failures are logged; the user can request a new code. */
  sendAfter(answer: ServerResponse, issued: IssuedCode): void;
}

export interface CodeDeliveryDeps extends Omit<CodeDeps, 'security'> {
  readonly sms: Sms;
  readonly meter: CodeMeter;
  /** URL of the client, to which codes are bound; null if it is not configured. */
  readonly frontendUrl: string | null;
  readonly log: Logger;
}

const timeoutMs = 20_000;
/** Bounds memory while the SMS provider hangs. */
const mostWaiting = 1000;
/** How long shutdown waits for SMS that are being sent. */
const graceMs = 2000;

export function codeDelivery({ db, limits, keys, otp, sms, meter, frontendUrl, log }: CodeDeliveryDeps): CodeDelivery {
  const closing = new AbortController();
  const sending = new Set<Promise<void>>();
  let waiting = 0;

  async function send({ number, code, codeMac }: IssuedCode): Promise<void> {
    const registration = await readRegistration(db, number);
    if (registration === null) return;
    const country = countryOf(number);
    const verdict = await limits.take(smsRules(otp, keys, number, registration.verified));
    if (!verdict.allowed) {
      meter.sms(country, 'withheld');
      log.warn({ country, verified: registration.verified }, 'an SMS was withheld: the budget of this hour is used up');
      return;
    }
    try {
      await sms.send(
        number,
        messageWith(code, frontendUrl),
        AbortSignal.any([AbortSignal.timeout(timeoutMs), closing.signal]),
      );
    } catch (error) {
      meter.sms(country, 'failed');
      throw error;
    }
    meter.sms(country, 'sent');
    const numberKey = keys.keyedHash(number);
    await noteSms(db, { numberKey, codeMac, country, prefixKey: keys.keyedHash(numberRange(number)) });
  }

  function begin(issued: IssuedCode): void {
    const sent = send(issued)
      .catch((error: unknown) => log.error({ err: error }, 'an SMS could not be sent'))
      .finally(() => {
        waiting -= 1;
        sending.delete(sent);
      });
    sending.add(sent);
  }

  return {
    refuseWhileFull() {
      if (waiting < mostWaiting) return;
      throw new ProblemError('service_unavailable', { reason: 'codes', retryAfterMs: 10_000 });
    },
    sendAfter(answer, issued) {
      waiting += 1;
      // The client may have disconnected already.
      if (answer.closed) begin(issued);
      else answer.once('close', () => begin(issued));
    },
    async [Symbol.asyncDispose]() {
      const stop = new AbortController();
      await Promise.race([Promise.all(sending), pause(graceMs, null, { signal: stop.signal }).catch(() => {})]);
      stop.abort();
      closing.abort();
      await Promise.all(sending);
    },
  };
}

/**
 * The last line lets the browser offer the code at this host and no other
 * (https://wicg.github.io/sms-one-time-codes/).
 */
function messageWith(code: string, frontendUrl: string | null): string {
  const sentence = `${code} is your Pollux code. It works for 5 minutes. Nobody from Pollux will ever ask for it.`;
  return frontendUrl === null ? sentence : `${sentence}\n\n@${new URL(frontendUrl).hostname} #${code}`;
}
