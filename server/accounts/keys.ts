/** Keys for each purpose, derived from the one secret, so that none can stand in for another. */
import { createHmac, hkdfSync, randomInt, timingSafeEqual } from 'node:crypto';

export interface Keys {
  /** For access tokens. */
  readonly token: Uint8Array;
  /** Keyed hash of a phone number, for use as a storage key. */
  numberKey(number: string): string;
  /** Keyed hash of a one-time code, bound to its number. */
  codeMac(number: string, code: string): string;
  /** Refresh token of a session's generation: the same each time it is asked for, known to nobody without the secret. */
  refreshToken(sessionId: string, generation: number): string;
}

export function deriveKeys(secret: string): Keys {
  const codeKey = derive(secret, 'pollux one-time codes');
  const refreshKey = derive(secret, 'pollux refresh tokens');
  const mac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest('base64url');
  return {
    token: new TextEncoder().encode(secret),
    numberKey: (number) => mac(codeKey, `number:${number}`),
    codeMac: (number, code) => mac(codeKey, `code:${number}:${code}`),
    refreshToken: (sessionId, generation) =>
      `${sessionId}.${generation}.${mac(refreshKey, `refresh:${sessionId}:${generation}`)}`,
  };
}

function derive(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32));
}

/** Six digits from the system's cryptographic source. */
export function randomCode(): string {
  return String(randomInt(1_000_000)).padStart(6, '0');
}

/** Compares in constant time. Only for texts of equal length by construction, such as two keyed hashes. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
