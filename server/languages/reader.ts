/** Which language the reader of an answer asked for (RFC 9110, section 12.5.4). */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import Negotiator from 'negotiator';
import { languages } from './catalog.ts';

/** Browsers send far less; what is longer is not looked at. */
const longestHeader = 200;

/** The language of `Accept-Language` that suits best; English when none does. */
export function languageOf({ 'accept-language': header }: IncomingHttpHeaders): string {
  if (header === undefined) return 'en';
  const negotiator = new Negotiator({ headers: { 'accept-language': header.slice(0, longestHeader) } });
  return negotiator.language([...languages]) ?? 'en';
}

/** Tells caches that the answer depends on `Accept-Language`, beside what else it depends on. */
export function varyByLanguage(reply: FastifyReply): void {
  const others = reply.getHeader('vary');
  reply.header('vary', others === undefined ? 'Accept-Language' : `${String(others)}, Accept-Language`);
}
