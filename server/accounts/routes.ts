/** HTTP routes for accounts. */
import * as contract from '../../contract/accounts.ts';
import type { Plans } from '../config/catalog.ts';
import type { Serve } from '../http/serve.ts';
import type { Feed } from '../ports/feed.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import type { CodeDelivery, CodeMeter } from './code-delivery.ts';
import { codeLifeSeconds, issueCode, redeemCode, type CodeDeps } from './codes.ts';
import { mayEcho } from './echo.ts';
import { countryOf, normaliseNumber, requireCountry } from './phone-number.ts';
import { signInRequired } from './authenticate.ts';
import { refuseFloods } from './refuse-floods.ts';
import { clearSessionCookie, intoCookie, readSessionCookie, wantsCookie } from './session-cookie.ts';
import { endSession, refreshSession, startSession, type SessionDeps } from './sessions.ts';
import { listLiveSessions, type SessionRow } from './session-store.ts';
import { addUser } from './store.ts';

export interface AccountDeps extends CodeDeps, SessionDeps {
  readonly feed: Feed;
  readonly plans: Plans;
  readonly delivery: CodeDelivery;
  readonly codeMeter: CodeMeter;
  /** Real SMS are sent, so impossible numbers are refused. */
  readonly strictNumbers: boolean;
}

export function serveAccounts(serve: Serve, deps: AccountDeps): void {
  const { db, otp } = deps;
  const sendOtp = otp.echo ? withEcho : contract.sendOtp;

  serve(contract.signup, async ({ body, request }) => {
    const number = servedNumber(body.mobile_number);
    // Ten times the limit of code requests: it only bounds how fast the table can grow.
    await refuseFloods(deps, 'signup', request.ip, otp.addressHourly * 10);
    await addUser(db, number, deps.plans.free.id);
    return { mobile_number: number, message: 'Ask for a code to sign in with.' };
  });

  serve(sendOtp, async ({ body, request, reply }) => {
    const number = servedNumber(body.mobile_number);
    deps.delivery.refuseWhileFull();
    const issued = await issueCode(deps, number, request.ip);
    deps.delivery.sendAfter(reply.raw, issued);
    return {
      message: 'If the number is registered, a code is on its way.',
      expires_in: codeLifeSeconds,
      resend_after: issued.resendAfterSeconds,
      ...(mayEcho(otp, request) && { otp: issued.code }),
    };
  });

  serve(contract.verifyOtp, async ({ body, request, reply }) => {
    const number = normaliseNumber(body.mobile_number, deps.strictNumbers);
    await refuseFloods(deps, 'verify', request.ip, otp.verifyAddressHourly);
    await redeemCode(deps, number, body.otp.trim(), request.ip);
    const device = { address: request.ip, userAgent: request.headers['user-agent'] ?? null };
    const tokens = await startSession(deps, number, device);
    // A right code for an unregistered number looks like a used one.
    if (tokens === null) throw new ProblemError('invalid_code', { reason: 'void' });
    deps.codeMeter.verified(countryOf(number));
    return wantsCookie(request) ? intoCookie(request, reply, tokens) : tokens;
  });

  serve(contract.refresh, async ({ body, request, reply }) => {
    if (!wantsCookie(request)) return refreshSession(deps, body.refresh_token ?? missingRefreshToken(), request.ip);
    const cookie = readSessionCookie(request);
    if (cookie === null) throw signInRequired();
    return intoCookie(request, reply, await refreshSession(deps, cookie, request.ip));
  });

  serve(contract.logout, async ({ caller, request, reply }) => {
    if (await endSession(deps, caller.sessionId, caller.userId)) announceSessions(caller.userId);
    if (wantsCookie(request)) clearSessionCookie(request, reply);
    return undefined;
  });

  serve(contract.listSessions, async ({ caller }) => {
    const rows = await listLiveSessions(db, caller.userId);
    return rows.map((row) => presentSession(row, caller.sessionId));
  });

  serve(contract.endSession, async ({ caller, params }) => {
    if (!(await endSession(deps, params.session_id, caller.userId))) throw notFound();
    announceSessions(caller.userId);
    return undefined;
  });

  function announceSessions(userId: number): void {
    deps.feed.publish(userId, [{ type: 'user.changed', what: 'sessions' }]);
  }

  /** Parses a number that codes may be sent to. Throws `validation_failed`. */
  function servedNumber(text: string): string {
    const number = normaliseNumber(text, deps.strictNumbers);
    requireCountry(number, otp.countries);
    return number;
  }
}

function missingRefreshToken(): never {
  throw new ProblemError('validation_failed', {
    errors: [{ pointer: '/refresh_token', sentence: 'refresh-token' }],
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
