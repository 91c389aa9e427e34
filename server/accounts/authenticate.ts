/** Authentication: reads the bearer token and checks that its session is still live. */
import type { Authenticate } from '../http/serve.ts';
import { ProblemError } from '../problems/problem.ts';
import type { AccessTokens } from './access-token.ts';
import type { LiveSessions } from './live-sessions.ts';
import { readSessionCookie, wantsCookie } from './session-cookie.ts';
import { callerOfRefreshToken, type SessionDeps } from './sessions.ts';

/** RFC 6750: the scheme is case-insensitive. */
const bearer = /^bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** Returns the check for `Authorization: Bearer`. It throws `invalid_token` unless the token belongs to a live session. */
export function authenticateBearer(tokens: AccessTokens, sessions: LiveSessions): Authenticate {
  return async (request) => {
    const token = bearer.exec(request.headers.authorization ?? '')?.[1];
    const caller = token === undefined ? null : await tokens.verify(token);
    if (caller === null || !(await sessions.isLive(caller))) throw signInRequired();
    return caller;
  };
}

export function signInRequired(): ProblemError {
  return new ProblemError('invalid_token');
}

/** Returns the check that also accepts a browser's session cookie on requests without an access token. */
export function authenticateSession(bearer: Authenticate, deps: SessionDeps): Authenticate {
  return async (request) => {
    if (!wantsCookie(request) || request.headers.authorization !== undefined) return bearer(request);
    const cookie = readSessionCookie(request);
    const caller = cookie === null ? null : await callerOfRefreshToken(deps, cookie);
    if (caller === null) throw signInRequired();
    return caller;
  };
}
