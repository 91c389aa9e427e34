/** HTTP for accounts: translate, nothing more. */
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import * as contract from '../../contract/accounts.ts';
import type { Serve } from '../http/serve.ts';
import type { Sms } from '../ports/sms.ts';
import { notFound, ProblemError } from '../problem.ts';
import { clientRange } from './client-range.ts';
import { codeLifeSeconds, issueCode, redeemCode, type CodeDeps } from './codes.ts';
import { mayEcho } from './echo.ts';
import { normaliseNumber } from './phone-number.ts';
import { deliverCode } from './deliver-code.ts';
import { signInRequired } from './authenticate.ts';
import { clearSessionCookie, intoCookie, readSessionCookie, wantsCookie } from './session-cookie.ts';
import { endSession, refreshSession, startSession, type SessionDeps } from './sessions.ts';
import { listLiveSessions, type SessionRow } from './session-store.ts';
import { addUser } from './store.ts';
import { takeOrRefuse } from './take-or-refuse.ts';

export interface AccountDeps extends CodeDeps, SessionDeps {
  readonly sms: Sms;
  /** Real SMS go out, so impossible numbers are refused. */
  readonly strictNumbers: boolean;
  readonly log: Logger;
}

export function serveAccounts(serve: Serve, deps: AccountDeps): void {
  const { db, limits, otp } = deps;
  const sendOtp = otp.echo ? withEcho : contract.sendOtp;

  serve(contract.signup, async ({ body, request }) => {
    const number = normaliseNumber(body.mobile_number, deps.strictNumbers);
    // Ten times what codes are held to: a limit on filling the table, not on people.
    await refuseFloods(request, 'signup', otp.addressHourly * 10);
    await addUser(db, number);
    return { mobile_number: number, message: 'Ask for a code to sign in with.' };
  });

  serve(sendOtp, async ({ body, request }) => {
    const number = normaliseNumber(body.mobile_number, deps.strictNumbers);
    const issued = await issueCode(deps, number, clientRange(request.ip));
    if (issued.registered) deliverCode(deps, number, issued.code);
    return {
      message: 'If the number is registered, a code is on its way.',
      expires_in: codeLifeSeconds,
      resend_after: issued.resendAfterSeconds,
      ...(mayEcho(otp, request) && { otp: issued.code }),
    };
  });

  serve(contract.verifyOtp, async ({ body, request, reply }) => {
    const number = normaliseNumber(body.mobile_number, deps.strictNumbers);
    await refuseFloods(request, 'verify', otp.verifyAddressHourly);
    await redeemCode(deps, number, body.otp.trim());
    const tokens = await startSession(deps, number, request.headers['user-agent'] ?? null);
    // A right guess for a number nobody registered looks like any used code.
    if (tokens === null) throw new ProblemError('invalid_code', 'That code is not valid any more. Ask for a new one.');
    return wantsCookie(request) ? intoCookie(request, reply, tokens) : tokens;
  });

  serve(contract.refresh, async ({ body, request, reply }) => {
    if (!wantsCookie(request)) return refreshSession(deps, body.refresh_token ?? missingRefreshToken());
    const cookie = readSessionCookie(request);
    if (cookie === null) throw signInRequired();
    return intoCookie(request, reply, await refreshSession(deps, cookie));
  });

  serve(contract.logout, async ({ caller, request, reply }) => {
    await endSession(deps, caller.sessionId, caller.userId);
    if (wantsCookie(request)) clearSessionCookie(request, reply);
    return undefined;
  });

  serve(contract.listSessions, async ({ caller }) => {
    const rows = await listLiveSessions(db, caller.userId);
    return rows.map((row) => presentSession(row, caller.sessionId));
  });

  serve(contract.endSession, async ({ caller, params }) => {
    if (!(await endSession(deps, params.session_id, caller.userId))) throw notFound();
    return undefined;
  });

  /** Ten times what codes are held to: a limit on filling the table, not on people. */
  async function refuseFloods(request: FastifyRequest, what: string, limit: number): Promise<void> {
    if (limit === 0) return;
    const key = `${what}:${deps.keys.keyedHash(clientRange(request.ip))}`;
    const verdict = await takeOrRefuse(limits, [{ key, limit, windowMs: 3_600_000 }]);
    if (!verdict.allowed) {
      throw new ProblemError(
        'too_many_requests',
        'Too many requests of this kind from this address. Try again later.',
        {
          retryAfterMs: verdict.retryAfterMs,
        },
      );
    }
  }
}

function missingRefreshToken(): never {
  throw new ProblemError('validation_failed', 'Some fields are not as they should be; see errors.', {
    errors: [{ pointer: '/refresh_token', detail: 'is required without X-Session: cookie' }],
  });
}

const withEcho = {
  ...contract.sendOtp,
  answers: { 200: { ...contract.sendOtp.answers[200], body: contract.CodeSentWithEcho } },
};

function presentSession(row: SessionRow, currentId: string): contract.Session {
  return {
    id: row.id,
    created_at: row.createdAt.toISOString(),
    last_used_at: row.lastUsedAt.toISOString(),
    user_agent: row.userAgent,
    current: row.id === currentId,
  };
}
