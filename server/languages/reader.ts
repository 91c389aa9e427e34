/** The language that a client asks for (RFC 9110, section 12.5.4). */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import Negotiator from 'negotiator';
import { languages } from './catalog.ts';

/** Browsers send far less; the rest is ignored. */
const longestHeader = 200;

/** The best match for `Accept-Language`; English if there is none. */
export function languageOf(headers: IncomingHttpHeaders): string {
  return namedLanguage(headers) ?? 'en';
}

/** The best match for `Accept-Language`; null if there is none, or any will do. */
export function namedLanguage({ 'accept-language': header }: IncomingHttpHeaders): string | null {
  if (header === undefined || header === '*') return null;
  const negotiator = new Negotiator({ headers: { 'accept-language': header.slice(0, longestHeader) } });
  return negotiator.language([...languages]) ?? null;
}

/** Adds `Accept-Language` to the `Vary` header. */
export function varyByLanguage(reply: FastifyReply): void {
  const others = reply.getHeader('vary');
  reply.header('vary', others === undefined ? 'Accept-Language' : `${String(others)}, Accept-Language`);
}
