/** Access tokens: JWTs that name a user and a session (RFC 7519, RFC 8725). */
import { decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Identity } from '../http/serve.ts';
import type { TokenKey } from './keys.ts';

export interface AccessTokens {
  readonly lifeSeconds: number;
  /** `lifeSeconds` defaults to the configured lifetime. */
  issue(userId: number, sessionId: string, lifeSeconds?: number): Promise<string>;
  /** The caller named by the token; null if it is forged, issued by another service, malformed or expired. */
  verify(token: string): Promise<Identity | null>;
}

export interface AccessTokenOptions {
  /** Newest first: the first signs, all of them verify. */
  readonly keys: readonly [TokenKey, ...TokenKey[]];
  readonly algorithm: 'HS256' | 'HS384' | 'HS512';
  readonly lifeSeconds: number;
}

const issuer = 'pollux';
const audience = 'pollux-api';
/** The type from RFC 9068; it keeps any other JWT signed with the same key from being accepted as an access token. */
const typ = 'at+jwt';
const requiredClaims = ['sub', 'sid', 'iat', 'exp'];
const remembered = 10_000;

export function accessTokens({ keys, algorithm, lifeSeconds }: AccessTokenOptions): AccessTokens {
  // A valid signature stays valid until `exp`, so each token is verified once and cached.
  const verified = new LRUCache<string, Identity>({ max: remembered });

  async function claimsOf(token: string): Promise<JWTPayload> {
    const { kid } = decodeProtectedHeader(token);
    // Tokens issued before key rotation existed have no `kid`.
    const candidates = kid === undefined ? keys : keys.filter(({ id }) => id === kid);
    for (const { secret } of candidates) {
      try {
        const options = { algorithms: [algorithm], issuer, audience, typ, requiredClaims };
        return (await jwtVerify(token, secret, options)).payload;
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }

  async function verifyAnew(token: string): Promise<Identity | null> {
    try {
      const payload = await claimsOf(token);
      const userId = Number(payload.sub);
      const { sid, exp } = payload;
      if (!Number.isSafeInteger(userId) || typeof sid !== 'string' || exp === undefined) return null;
      return { userId, sessionId: sid, expiresAtMs: exp * 1000 };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  return {
    lifeSeconds,
    issue: (userId, sessionId, seconds = lifeSeconds) =>
      new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: algorithm, typ, kid: keys[0].id })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(String(userId))
        .setIssuedAt()
        .setExpirationTime(`${seconds}s`)
        .sign(keys[0].secret),
    async verify(token) {
      const known = verified.get(token);
      const caller = known ?? (await verifyAnew(token));
      if (caller === null || caller.expiresAtMs <= Date.now()) return null;
      if (known === undefined) verified.set(token, caller);
      return caller;
    },
  };
}
