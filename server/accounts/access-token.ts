/** Access tokens: short signed statements of who calls with which session (RFC 7519, RFC 8725). */
import { decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../http/serve.ts';
import type { TokenKey } from './keys.ts';

export interface AccessTokens {
  readonly lifeSeconds: number;
  /** Valid for `lifeSeconds` of this unless less is asked for. */
  issue(userId: number, sessionId: string, lifeSeconds?: number): Promise<string>;
  /** The caller a token speaks for, null for one that is forged, foreign, malformed or expired. */
  verify(token: string): Promise<Caller | null>;
}

export interface AccessTokenOptions {
  /** Newest first: the first signs, all of them verify. */
  readonly keys: readonly [TokenKey, ...TokenKey[]];
  readonly algorithm: 'HS256' | 'HS384' | 'HS512';
  readonly lifeSeconds: number;
}

const issuer = 'pollux';
const audience = 'pollux-api';
/** RFC 9068 names the type, so that no other JWT signed with the same key passes for an access token. */
const typ = 'at+jwt';
const requiredClaims = ['sub', 'sid', 'iat', 'exp'];
const remembered = 10_000;

export function accessTokens({ keys, algorithm, lifeSeconds }: AccessTokenOptions): AccessTokens {
  // A signature that was good stays good until `exp`; checking it once a token keeps sign-in off the hot path.
  const verified = new LRUCache<string, Caller>({ max: remembered });

  async function claimsOf(token: string): Promise<JWTPayload> {
    const { kid } = decodeProtectedHeader(token);
    // Tokens of releases before key rotation name no key.
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

  async function verifyAnew(token: string): Promise<Caller | null> {
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
