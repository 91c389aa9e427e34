/** Conditional requests (RFC 9110, section 13.1): what the client holds already is answered 304, without a body. */
import { hash } from 'node:crypto';
import type { onSendHookHandler } from 'fastify';

/** The strong validator of a text. */
export function entityTag(text: string): string {
  return `"${hash('sha256', text, 'base64url')}"`;
}

/** Tags a success; a handler that knows the tag sets it itself. Other answers pass. */
export const answerConditionally: onSendHookHandler = (request, reply, payload, done) => {
  if (reply.statusCode !== 200 || typeof payload !== 'string') return done(null, payload);
  const tag = String(reply.getHeader('etag') ?? entityTag(payload));
  reply.header('etag', tag);
  if (!names(request.headers['if-none-match'], tag)) return done(null, payload);
  reply.code(304).removeHeader('content-type');
  // Of a HEAD request's answer Fastify still measures the body that it leaves out.
  return done(null, request.method === 'HEAD' ? payload : null);
};

/** The weak comparison, which `If-None-Match` asks for: a proxy that compresses makes our tags weak. */
function names(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((listed) => listed.trim().replace(/^W\//, '') === tag);
}
