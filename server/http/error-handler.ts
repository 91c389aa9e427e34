/** The error handler: every error becomes problem+json, without internal details. */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problems, problemType, type Problem, type ProblemCode } from '../../contract/errors.ts';
import { DatabaseUnavailable } from '../ports/database.ts';
import { ProblemError, type ProblemOptions } from '../problem.ts';
import { onEveryAnswer } from './security-headers.ts';
import { fieldErrors } from './validation.ts';

const mediaType = 'application/problem+json; charset=utf-8';
const databaseRetryMs = 2000;

/** Problems for Fastify's error codes. */
const framework: Readonly<Record<string, [ProblemCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send the body as application/json.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'The body is larger than this operation takes.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad_request', 'The body is not as long as Content-Length says.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed_json', 'The body is not valid JSON.'],
  FST_ERR_BAD_URL: ['bad_request', 'The path is not a valid URL.'],
  FST_ERR_MAX_PARAM_LENGTH: ['bad_request', 'A part of the path is too long.'],
  // Files outside the root are reported as missing.
  FST_STATIC_FORBIDDEN_PATH: ['not_found', 'There is nothing here.'],
};

/** Maps any thrown error to a problem from the closed list. */
function asProblem(error: FastifyError | Error): ProblemError {
  if (error instanceof ProblemError) return error;
  if ('validation' in error && error.validation) {
    const errors = fieldErrors(
      error.validation as Parameters<typeof fieldErrors>[0],
      error.validationContext ?? 'body',
    );
    return new ProblemError('validation_failed', 'Some fields are not as they should be; see errors.', { errors });
  }
  const known = 'code' in error ? framework[error.code] : undefined;
  if (known) return new ProblemError(...known);
  if (error instanceof SyntaxError && 'statusCode' in error)
    return new ProblemError('malformed_json', 'The body is not valid JSON.');
  if ('statusCode' in error && error.statusCode === 400)
    return new ProblemError('bad_request', 'The request cannot be read.');
  if (isAccountGone(error))
    return new ProblemError('invalid_token', 'This account or its session does not exist any more.');
  if (causeOf(error, DatabaseUnavailable)) {
    return new ProblemError('service_unavailable', 'The database cannot be reached; try again in a moment.', {
      retryAfterMs: databaseRetryMs,
    });
  }
  return new ProblemError('internal_error', 'Something went wrong on our side. The request id helps us find it.');
}

/** SQLSTATE 23503: the row refers to a user or session that was deleted while its token was still accepted. */
function isAccountGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  if (code === '23503') return /_(user_id_users|session_id_sessions)_id_fk$/.test(String(constraint));
  return isAccountGone(error.cause);
}

/** The first error of this class in the chain of causes, or null. */
function causeOf<E extends Error>(error: unknown, kind: new (...args: never[]) => E): E | null {
  if (error instanceof kind) return error;
  return error instanceof Error ? causeOf(error.cause, kind) : null;
}

export function handleError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = asProblem(error);
  if (problem.status >= 500 && !(error instanceof ProblemError)) request.log.error({ err: error }, 'request failed');
  return sendProblem(request, reply, problem);
}

export function handleNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(request, reply, new ProblemError('not_found', 'There is nothing here.'));
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: ProblemError): FastifyReply {
  const { headers, retryAfterMs } = problem.options;
  if (headers) reply.headers(headers);
  // Requests refused by the router have not run any hook.
  reply.headers(onEveryAnswer).header('x-request-id', request.id);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return reply
    .code(problem.status)
    .type(mediaType)
    .serializer(JSON.stringify)
    .send(problemDocument(problem.code, problem.message, request.id, problem.options));
}

function problemDocument(code: ProblemCode, detail: string, requestId: string, options: ProblemOptions): Problem {
  const { status, title } = problems[code];
  return {
    type: problemType(code),
    title,
    status,
    detail,
    code,
    ...(options.errors && { errors: [...options.errors] }),
    ...options.members,
    request_id: requestId,
  };
}

const rawHeaders = Object.entries(onEveryAnswer)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('');

const parserFailures: Readonly<Record<string, [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The URL and the header fields are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request did not arrive in full in time.'],
};
const unreadable: [ProblemCode, string] = ['bad_request', 'The request cannot be read as HTTP.'];

/**
 * Returns the handler for requests that Node's HTTP parser refused. A connection with a response in progress is
 * destroyed, since anything written would be read as part of that response.
 */
export function answerBrokenConnections(nextId: () => string): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    const [code, detail] = parserFailures[error.code ?? ''] ?? unreadable;
    const id = nextId();
    const body = JSON.stringify(problemDocument(code, detail, id, {}));
    const { status } = problems[code];
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${mediaType}\r\n${rawHeaders}x-request-id: ${id}\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  };
}

/** Node keeps the current response on the socket; its default handler checks the same. */
function isAnswering(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true;
}

/** Handles requests that Node would otherwise refuse with its own response. */
export function takeOddRequests(app: FastifyInstance): void {
  // RFC 9110, section 10.1.1: unknown expectations may be ignored.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.addHook('onRequest', async ({ raw }) => {
    // RFC 9112, section 3.2: exactly one valid Host. Node would use the first of several.
    const hosts = hostsOf(raw.rawHeaders);
    if (
      hosts.length > 1 ||
      !hosts.every((host) => validHost.test(host)) ||
      (hosts.length === 0 && raw.httpVersion === '1.1')
    )
      throw new ProblemError('bad_request', 'A request must name its Host, once.');
  });
}

const validHost = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i;

function hostsOf(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === 'host');
}
