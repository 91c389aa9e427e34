/** Keys derived from the secrets, one for each purpose, so that none can be used for another. */
import { createHmac, hkdfSync, randomInt, timingSafeEqual } from 'node:crypto';

export interface TokenKey {
  /** The `kid` in a token's header (RFC 7515, section 4.1.4). Reveals nothing about the secret. */
  readonly id: string;
  readonly secret: Uint8Array;
}

/** Signs and hashes with the newest secret; verifies with all of them. */
export interface Keys {
  /** For access tokens, newest first. */
  readonly tokens: readonly [TokenKey, ...TokenKey[]];
  /** Keyed hash of a phone number or an address, for use as a storage key and in logs. */
  keyedHash(text: string): string;
  /** The hash by every secret, newest first: the keys under which an entry may be stored. */
  keyedHashes(text: string): readonly string[];
  /** Keyed hash of a one-time code, bound to its number. */
  codeMac(number: string, code: string): string;
  isCodeMac(mac: string, number: string, code: string): boolean;
  /** Refresh token of a session's generation. Deterministic, so it need not be stored. */
  refreshToken(sessionId: string, generation: number): string;
  isRefreshToken(token: string, sessionId: string, generation: number): boolean;
  /** The secret half of a shared chat's link. Deterministic, so it need not be stored. */
  shareProof(handle: string): string;
  isShareProof(proof: string, handle: string): boolean;
}

/** Derives the keys of each secret, newest first. Throws if there is none. */
export function deriveKeys(secrets: readonly string[]): Keys {
  const [newest, ...older] = secrets.map(keysOf);
  if (newest === undefined) throw new Error('there is no secret to derive keys from');
  const all = [newest, ...older];
  return {
    tokens: [newest.token, ...older.map(({ token }) => token)],
    keyedHash: newest.keyedHash,
    keyedHashes: (text) => all.map((keys) => keys.keyedHash(text)),
    codeMac: newest.codeMac,
    isCodeMac: (mac, number, code) => all.some((keys) => sameText(mac, keys.codeMac(number, code))),
    refreshToken: newest.refreshToken,
    isRefreshToken: (token, id, generation) => all.some((keys) => sameText(token, keys.refreshToken(id, generation))),
    shareProof: newest.shareProof,
    isShareProof: (proof, handle) => all.some((keys) => sameText(proof, keys.shareProof(handle))),
  };
}

function keysOf(secret: string) {
  const codeKey = derive(secret, 'pollux one-time codes');
  const refreshKey = derive(secret, 'pollux refresh tokens');
  const shareKey = derive(secret, 'pollux shared chats');
  const mac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest('base64url');
  return {
    token: {
      id: Buffer.from(derive(secret, 'pollux key id').subarray(0, 6)).toString('base64url'),
      secret: new TextEncoder().encode(secret),
    },
    keyedHash: (text: string) => mac(codeKey, `number:${text}`),
    codeMac: (number: string, code: string) => mac(codeKey, `code:${number}:${code}`),
    refreshToken: (sessionId: string, generation: number) =>
      `${sessionId}.${generation}.${mac(refreshKey, `refresh:${sessionId}:${generation}`)}`,
    shareProof: (handle: string) => mac(shareKey, `share:${handle}`),
  };
}

function derive(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32));
}

/** Six random digits from the system's CSPRNG. */
export function randomCode(): string {
  return String(randomInt(1_000_000)).padStart(6, '0');
}

/** Compares in constant time. Both texts must have the same length, as two keyed hashes do. */
function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
