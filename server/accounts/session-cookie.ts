/**
 * The refresh token of a browser, in an `HttpOnly` cookie for `/auth`. It is used only on requests with the header
 * `X-Session: cookie`, which forms cannot send and foreign pages only after a CORS preflight.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Tokens } from '../../contract/accounts.ts';
import type { TokenPair } from './sessions.ts';

/** The idle lifetime of a session. */
const maxAgeSeconds = 60 * 86_400;

/** True when the request has `X-Session: cookie`. */
export function wantsCookie(request: FastifyRequest): boolean {
  return request.headers['x-session'] === 'cookie';
}

/** The refresh token in the request's cookie, or null. */
export function readSessionCookie(request: FastifyRequest): string | null {
  return request.cookies[cookieFor(request).name] ?? null;
}

/** Moves the refresh token from the body into a cookie. */
export function intoCookie(request: FastifyRequest, reply: FastifyReply, tokens: TokenPair): Tokens {
  const { refresh_token: value, ...rest } = tokens;
  const { name, ...attributes } = cookieFor(request);
  reply.setCookie(name, value, { ...attributes, maxAge: maxAgeSeconds });
  return rest;
}

/** Clears the cookie. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  const { name, ...attributes } = cookieFor(request);
  reply.clearCookie(name, attributes);
}

/** `__Host-` binds the cookie to one https host and requires the path `/`. Over http the path is `/auth`. */
function cookieFor(request: FastifyRequest) {
  const secure = request.protocol === 'https' || request.headers.origin?.startsWith('https:') === true;
  return {
    name: secure ? '__Host-pollux-session' : 'pollux-session',
    path: secure ? '/' : '/auth',
    httpOnly: true,
    secure,
    sameSite: 'strict',
  } as const;
}
