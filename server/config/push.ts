/** Push messages to browsers. */
import type { Reader } from './reader.ts';

export interface PushConfig {
  /** How push services reach the operator: a `mailto:` or `https:` address. */
  readonly subject: string;
  /** An origin that is accepted although it is neither https nor public; null for none. */
  readonly testOrigin: string | null;
}

/** Of the documentation's domain: while developing nobody needs to be reached. */
const developmentSubject = 'mailto:operator@example.com';

/** Null in production without VAPID_SUBJECT: push messages are off. */
export function parsePush(read: Reader, production: boolean): PushConfig | null {
  const given = read.text('VAPID_SUBJECT');
  const testOrigin = read.webAddress('PUSH_TEST_ORIGIN');
  if (given !== null && !isSubject(given)) {
    read.complain(
      'VAPID_SUBJECT must be an address at which push services reach you, such as mailto:operator@example.com or https://example.com/contact.',
    );
  }
  if (testOrigin !== null && new URL(testOrigin).origin !== testOrigin) {
    read.complain('PUSH_TEST_ORIGIN must be an origin such as http://127.0.0.1:9000.');
  }
  if (testOrigin !== null && production) {
    read.complain('PUSH_TEST_ORIGIN must not be set in production: it opens a private address to requests of people.');
  }
  const subject = given ?? (production ? null : developmentSubject);
  return subject === null ? null : Object.freeze({ subject, testOrigin });
}

function isSubject(text: string): boolean {
  if (/^mailto:[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text)) return true;
  return URL.canParse(text) && new URL(text).protocol === 'https:' && new URL(text).hostname.includes('.');
}
