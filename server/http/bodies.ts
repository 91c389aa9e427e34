/** Parsers of request bodies: JSON in UTF-8 (RFC 8259), and its bytes as they came. */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../problems/problem.ts';

/**
 * Validates UTF-8 on the bytes: decoding would replace invalid sequences by U+FFFD, and text that was never sent would be
 * stored. A byte order mark is ignored, as RFC 8259, section 8.1, allows.
 */
export function takeJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Many clients send a content type without a body.
    if (body.length === 0) done(null, undefined);
    else if (!isUtf8(body)) done(new ProblemError('malformed_json', { reason: 'encoding' }));
    else void parse(request, body.toString(), done);
  });
}

/** Hands the bytes of JSON documents over as they came, on the routes of this scope. */
export function takeRawOnly(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
}
