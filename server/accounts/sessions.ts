/** Sessions: a device signs in, renews its tokens, and is signed out. */
import { randomUUID } from 'node:crypto';
import type { Tokens } from '../../contract/accounts.ts';
import type { Connection, Database } from '../ports/database.ts';
import { ProblemError } from '../problem.ts';
import type { AccessTokens } from './access-token.ts';
import type { Keys } from './keys.ts';
import type { Revocations } from './revocations.ts';
import { addSession, markVerified, readSession, revokeSession, rotateSession } from './store.ts';

/** A device not used for this long has to sign in again. */
const lifeDays = 60;
/** RFC 9700, section 4.14: a client whose answer got lost may ask once more. */
const reuseGraceMs = 10_000;

export interface SessionDeps {
  readonly db: Database;
  readonly keys: Keys;
  readonly tokens: AccessTokens;
  readonly revocations: Revocations;
}

/** Starts a session for the owner of a number that was just proven; null when nobody signed up with it. */
export async function startSession(
  deps: SessionDeps,
  number: string,
  userAgent: string | null,
): Promise<Tokens | null> {
  const id = randomUUID();
  const userId = await deps.db.transaction(async (tx: Connection) => {
    const owner = await markVerified(tx, number);
    if (owner !== null)
      await addSession(tx, { id, userId: owner, userAgent: userAgent?.slice(0, 300) ?? null, lifeDays });
    return owner;
  });
  return userId === null ? null : tokensFor(deps, userId, id, 0);
}

/**
 * Trades a refresh token for the next pair. A token that was traded before ends the session, for it may be stolen;
 * within the grace it gets the same successor instead. Throws `invalid_token` otherwise.
 */
export async function refreshSession(deps: SessionDeps, refreshToken: string): Promise<Tokens> {
  const claim = parseRefreshToken(deps.keys, refreshToken);
  if (claim === null) throw invalidRefreshToken();
  const { sessionId, generation } = claim;
  const rotated = await rotateSession(deps.db, sessionId, generation, lifeDays);
  const session = await readSession(deps.db, sessionId);
  if (!session?.live) throw invalidRefreshToken();
  if (rotated) return tokensFor(deps, session.userId, sessionId, generation + 1);
  const repeated = session.generation === generation + 1 && session.sinceRotationMs < reuseGraceMs;
  if (repeated) return tokensFor(deps, session.userId, sessionId, session.generation);
  await endSession(deps, sessionId, session.userId);
  throw invalidRefreshToken();
}

/** Ends a session of this user: here at once, in every other process within a second. False when there was none. */
export async function endSession(
  deps: Pick<SessionDeps, 'db' | 'revocations'>,
  id: string,
  userId: number,
): Promise<boolean> {
  const ended = await revokeSession(deps.db, id, userId);
  if (ended) deps.revocations.add(id);
  return ended;
}

async function tokensFor(
  { tokens, keys }: SessionDeps,
  userId: number,
  sessionId: string,
  generation: number,
): Promise<Tokens> {
  return {
    access_token: await tokens.issue(userId, sessionId),
    token_type: 'bearer',
    expires_in: tokens.lifeSeconds,
    refresh_token: keys.refreshToken(sessionId, generation),
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
  return new ProblemError('invalid_token', 'This refresh token is not valid. Sign in again.');
}
