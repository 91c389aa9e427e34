/** Sessions: signing in, refreshing tokens, signing out. */
import { randomUUID } from 'node:crypto';
import type { Tokens } from '../../contract/accounts.ts';
import type { Identity } from '../http/serve.ts';
import type { Connection, Database } from '../ports/database.ts';
import { ProblemError } from '../problems/problem.ts';
import { promoteAdmins } from './admins.ts';
import type { AccessTokens } from './access-token.ts';
import type { Keys } from './keys.ts';
import type { LiveSessions } from './live-sessions.ts';
import { addSession, readSession, revokeSession, rotateSession } from './session-store.ts';
import type { SecurityLog } from './security-log.ts';
import { markVerified } from './store.ts';

/** A client that lost the response may repeat the request within this time (RFC 9700, section 4.14). */
const reuseGraceMs = 10_000;

/** Access and refresh token of a session. */
export type TokenPair = Tokens & { readonly refresh_token: string };

export interface SessionDeps {
  readonly db: Database;
  readonly keys: Keys;
  readonly tokens: AccessTokens;
  readonly liveSessions: LiveSessions;
  readonly security: SecurityLog;
  /** Accounts with these numbers are administrators. */
  readonly adminNumbers: readonly string[];
  /** Restores for a new account what is kept of a deleted one with its number. */
  readonly restoreUsage: (db: Connection, userId: number, numberKeys: readonly string[]) => Promise<void>;
}

/** The client that signs in. */
export interface Device {
  readonly address: string;
  readonly userAgent: string | null;
}

/** Starts a session for the user with this verified number; null when nobody signed up with it, or the account is blocked. */
export async function startSession(
  deps: SessionDeps,
  number: string,
  { address, userAgent }: Device,
): Promise<TokenPair | null> {
  const id = randomUUID();
  const session = await deps.db.transaction(async (tx: Connection) => {
    const userId = await markVerified(tx, number);
    if (userId === null) return null;
    if (deps.adminNumbers.includes(number)) await promoteAdmins(tx, [number]);
    await deps.restoreUsage(tx, userId, deps.keys.keyedHashes(number));
    return { userId, ...(await addSession(tx, { id, userId, userAgent: userAgent?.slice(0, 300) ?? null })) };
  });
  if (session === null) {
    deps.security.record('sign_in_failed', { number, address, details: { reason: 'no_account' } });
    return null;
  }
  deps.security.record('signed_in', { userId: session.userId, number, address, details: { session_id: id } });
  return tokensFor(deps, { ...session, id, generation: 0 });
}

/**
 * Exchanges a refresh token for the next pair. A token that was used before ends the session, since it may be stolen;
 * within the grace period it returns the same successor again. Throws `invalid_token` otherwise.
 */
export async function refreshSession(deps: SessionDeps, refreshToken: string, address: string): Promise<TokenPair> {
  const claim = parseRefreshToken(deps.keys, refreshToken);
  if (claim === null) throw invalidRefreshToken();
  const { sessionId, generation } = claim;
  const rotated = await rotateSession(deps.db, sessionId, generation);
  const session = await readSession(deps.db, sessionId);
  if (!session?.live) throw invalidRefreshToken();
  if (rotated) return tokensFor(deps, { ...session, id: sessionId, generation: generation + 1 });
  const repeated = session.generation === generation + 1 && session.sinceRotationMs < reuseGraceMs;
  if (repeated) return tokensFor(deps, { ...session, id: sessionId });
  await endSession(deps, sessionId, session.userId);
  const { userId, mobileNumber: number } = session;
  deps.security.record('refresh_reused', { userId, number, address, details: { session_id: sessionId } });
  throw invalidRefreshToken();
}

/** The caller named by a session's newest refresh token, without rotating it; null for any other token. */
export async function callerOfRefreshToken(deps: SessionDeps, refreshToken: string): Promise<Identity | null> {
  const claim = parseRefreshToken(deps.keys, refreshToken);
  if (claim === null) return null;
  const session = await readSession(deps.db, claim.sessionId);
  if (!session?.live || session.generation !== claim.generation) return null;
  return { userId: session.userId, sessionId: claim.sessionId, expiresAtMs: Infinity };
}

/** Ends a session of this user: in this process at once, in others within a second. False when there was none. */
export async function endSession(
  deps: Pick<SessionDeps, 'db' | 'liveSessions'>,
  id: string,
  userId: number,
): Promise<boolean> {
  const ended = await revokeSession(deps.db, id, userId);
  if (ended) deps.liveSessions.end(id, 'signed_out');
  return ended;
}

/** An access token never outlives its session. */
async function tokensFor(
  { tokens, keys }: SessionDeps,
  session: { readonly id: string; readonly userId: number; readonly generation: number; readonly endsInMs: number },
): Promise<TokenPair> {
  const lifeSeconds = Math.min(tokens.lifeSeconds, Math.max(1, Math.floor(session.endsInMs / 1000)));
  return {
    access_token: await tokens.issue(session.userId, session.id, lifeSeconds),
    token_type: 'bearer',
    expires_in: lifeSeconds,
    refresh_token: keys.refreshToken(session.id, session.generation),
  };
}

const refreshTokenShape = /^([0-9a-f-]{36})\.(\d{1,9})\.[\w-]{43}$/;

function parseRefreshToken(keys: Keys, token: string): { sessionId: string; generation: number } | null {
  const [, sessionId, digits] = refreshTokenShape.exec(token) ?? [];
  if (sessionId === undefined || digits === undefined) return null;
  const generation = Number(digits);
  return keys.isRefreshToken(token, sessionId, generation) ? { sessionId, generation } : null;
}

function invalidRefreshToken(): ProblemError {
  return new ProblemError('invalid_token', { reason: 'refresh' });
}
