/**
 * The refresh token of a browser: a cookie that scripts cannot read, sent to `/auth` alone. It is used only when the
 * request says so in a header, which no form and no foreign page can send without asking first (CORS).
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Tokens } from '../../contract/accounts.ts';
import type { TokenPair } from './sessions.ts';

/** As long as a session lives without being used. */
const maxAgeSeconds = 60 * 86_400;

/** True when the client asked for its refresh token in a cookie: `X-Session: cookie`. */
export function wantsCookie(request: FastifyRequest): boolean {
  return request.headers['x-session'] === 'cookie';
}

/** The refresh token of the request's cookie; null without one. */
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

/** Makes the browser forget the cookie. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  const { name, ...attributes } = cookieFor(request);
  reply.clearCookie(name, attributes);
}

/** `__Host-` binds a cookie to one https host, which demands the path `/`; without https it is held to `/auth`. */
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
