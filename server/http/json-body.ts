/** The one media type of request bodies: JSON, in UTF-8 as RFC 8259 asks. */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../problem.ts';

/**
 * Bodies are bytes until they are known to be UTF-8: decoding would replace what is not by U+FFFD, and something nobody
 * sent would be stored. A byte order mark before the text is ignored, as RFC 8259, section 8.1, allows.
 */
export function takeJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Many clients name a content type even when they send no body.
    if (body.length === 0) done(null, undefined);
    else if (!isUtf8(body)) done(new ProblemError('malformed_json', 'The body is not valid UTF-8.'));
    else void parse(request, body.toString(), done);
  });
}
