/** The error handler: every error becomes problem+json, without internal details. */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemType, type Problem, type ProblemCode } from '../../contract/errors.ts';
import { languageOf, varyByLanguage } from '../languages/reader.ts';
import { DatabaseUnavailable } from '../ports/database.ts';
import { StorageUnavailable } from '../ports/storage.ts';
import { detailOf, fieldErrorsOf, notFound, ProblemError, titleOf } from '../problems/problem.ts';
import { onEveryAnswer } from './security-headers.ts';
import { fieldFaults } from './validation.ts';

const mediaType = 'application/problem+json; charset=utf-8';
const databaseRetryMs = 2000;
const storageRetryMs = 5000;

/** Problems for Fastify's error codes, with the reason where a code has several. */
const framework: Readonly<Record<string, [ProblemCode, string?]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad_request', 'length'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed_json'],
  FST_ERR_BAD_URL: ['bad_request', 'url'],
  FST_ERR_MAX_PARAM_LENGTH: ['bad_request', 'parameter'],
  // Files outside the root are reported as missing.
  FST_STATIC_FORBIDDEN_PATH: ['not_found'],
};

/** Maps any thrown error to a problem from the closed list. */
function asProblem(error: FastifyError | Error): ProblemError {
  if (error instanceof ProblemError) return error;
  if ('validation' in error && error.validation) {
    const errors = fieldFaults(
      error.validation as Parameters<typeof fieldFaults>[0],
      error.validationContext ?? 'body',
    );
    return new ProblemError('validation_failed', { errors });
  }
  const known = 'code' in error ? framework[error.code] : undefined;
  if (known) return new ProblemError(known[0], known[1] === undefined ? {} : { reason: known[1] });
  if (error instanceof SyntaxError && 'statusCode' in error) return new ProblemError('malformed_json');
  if ('statusCode' in error && error.statusCode === 400) return new ProblemError('bad_request');
  if (isAccountGone(error)) return new ProblemError('invalid_token', { reason: 'gone' });
  if (causeOf(error, DatabaseUnavailable))
    return new ProblemError('service_unavailable', { reason: 'database', retryAfterMs: databaseRetryMs });
  if (causeOf(error, StorageUnavailable))
    return new ProblemError('service_unavailable', { reason: 'storage', retryAfterMs: storageRetryMs });
  return new ProblemError('internal_error');
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
  const problem = inForm(request, asProblem(error));
  if (problem.status >= 500 && !(error instanceof ProblemError)) request.log.error({ err: error }, 'request failed');
  return sendProblem(request, reply, problem);
}

/** Operations that take a form ask for one. */
function inForm({ routeOptions }: FastifyRequest, problem: ProblemError): ProblemError {
  const isForm = routeOptions.config.endpoint?.accepts === 'multipart';
  if (!isForm || problem.code !== 'unsupported_media_type' || problem.options.reason !== undefined) return problem;
  return new ProblemError('unsupported_media_type', { reason: 'multipart' });
}

export function handleNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(request, reply, notFound());
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: ProblemError): FastifyReply {
  const { headers, retryAfterMs } = problem.options;
  const language = languageOf(request.headers);
  if (headers) reply.headers(headers);
  varyByLanguage(reply);
  // Requests refused by the router have not run any hook.
  reply.headers(onEveryAnswer).header('x-request-id', request.id).header('content-language', language);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (retryAfterMs !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return reply
    .code(problem.status)
    .type(mediaType)
    .serializer(JSON.stringify)
    .send(problemDocument(problem, language, request.id));
}

function problemDocument({ code, status, options }: ProblemError, language: string, requestId: string): Problem {
  return {
    type: problemType(code),
    title: titleOf(code, language),
    status,
    detail: detailOf(code, options, language),
    code,
    ...(options.errors && { errors: fieldErrorsOf(options.errors, language) }),
    ...options.members,
    request_id: requestId,
  };
}

const rawHeaders = Object.entries(onEveryAnswer)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('');

const parserFailures: Readonly<Record<string, ProblemError>> = {
  HPE_HEADER_OVERFLOW: new ProblemError('headers_too_large'),
  ERR_HTTP_REQUEST_TIMEOUT: new ProblemError('request_timeout'),
};
const unreadable = new ProblemError('bad_request', { reason: 'http' });

/**
 * Returns the handler for requests that Node's HTTP parser refused, in English, since their headers are unknown. A
 * connection with a response in progress is destroyed, since anything written would be read as part of that response.
 */
export function answerBrokenConnections(nextId: () => string): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    const problem = parserFailures[error.code ?? ''] ?? unreadable;
    const id = nextId();
    const body = JSON.stringify(problemDocument(problem, 'en', id));
    const { status } = problem;
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
      throw new ProblemError('bad_request', { reason: 'host' });
  });
}

const validHost = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i;

function hostsOf(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === 'host');
}
