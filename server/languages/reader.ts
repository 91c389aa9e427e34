/** The language that a client asks for (RFC 9110, section 12.5.4). */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import Negotiator from 'negotiator';
import { languages } from './catalog.ts';

/** Browsers send far less; the rest is ignored. */
const longestHeader = 200;

/** The best match for `Accept-Language`; English if there is none. */
export function languageOf({ 'accept-language': header }: IncomingHttpHeaders): string {
  if (header === undefined) return 'en';
  const negotiator = new Negotiator({ headers: { 'accept-language': header.slice(0, longestHeader) } });
  return negotiator.language([...languages]) ?? 'en';
}

/** Adds `Accept-Language` to the `Vary` header. */
export function varyByLanguage(reply: FastifyReply): void {
  const others = reply.getHeader('vary');
  reply.header('vary', others === undefined ? 'Accept-Language' : `${String(others)}, Accept-Language`);
}
