/** Sends a code by SMS, off the request's path so that its time tells nobody whether the number is registered. */
import type { Logger } from 'pino';
import type { Sms } from '../ports/sms.ts';

const timeoutMs = 20_000;

/** Starts the delivery and returns at once. A failure is logged without number or code; the person asks again. */
export function deliverCode({ sms, log }: { sms: Sms; log: Logger }, number: string, code: string): void {
  const text = `${code} is your Pollux code. It works for 5 minutes. Nobody from Pollux will ever ask for it.`;
  sms.send(number, text, AbortSignal.timeout(timeoutMs)).catch((error: unknown) => {
    log.error({ err: error }, 'an SMS could not be sent');
  });
}
