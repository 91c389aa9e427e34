/** One file in a form (RFC 7578), read as it comes. */
import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../problems/problem.ts';

/** By default the library cuts files at the length of other bodies, without an error. Who reads a file bounds it. */
const limits = { fileSize: Infinity, files: 1, fields: 0, parts: 1, fieldNameSize: 100, headerPairs: 20 };

/** Takes forms alone, on the routes of this scope. */
export async function takeMultipartOnly(scope: FastifyInstance): Promise<void> {
  scope.removeAllContentTypeParsers();
  await scope.register(multipart, { limits });
}

export interface FileInForm {
  /** As the client wrote it. */
  readonly name: string;
  readonly bytes: Readable;
  /** More than the file can have, by the request's length; null if that is unknown. */
  readonly declaredBytes: number | null;
}

/**
 * Hands the file in the part `field` to `use`, which reads it. Throws `bad_request` for a form that is broken or breaks off, and
 * `validation_failed` when the first part is not that file.
 */
export async function withFile<T>(
  request: FastifyRequest,
  field: string,
  use: (file: FileInForm) => Promise<T>,
): Promise<T> {
  let broken = false;
  try {
    const part = await firstPart(request);
    if (part?.fieldname !== field) throw missingFile(field);
    part.file.once('error', (error) => {
      broken = !(error instanceof ProblemError);
    });
    const length = Number(request.headers['content-length'] ?? Number.NaN);
    const declaredBytes = Number.isFinite(length) ? length : null;
    return await use({ name: part.filename, bytes: part.file, declaredBytes });
  } catch (error) {
    // The rest is read and dropped, so that the client can read the answer.
    request.raw.unpipe();
    request.raw.resume();
    // A problem of the file itself may break the stream too.
    const isOfForm = broken && !(error instanceof ProblemError);
    throw isOfForm ? new ProblemError('bad_request', { reason: 'multipart' }) : error;
  }
}

async function firstPart(request: FastifyRequest) {
  if (!request.isMultipart()) throw new ProblemError('unsupported_media_type', { reason: 'multipart' });
  try {
    return await request.file();
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    const isOther = /^FST_(?:PARTS|FILES|FIELDS)_LIMIT$/.test((error as { code?: string }).code ?? '');
    throw isOther ? missingFile('file') : new ProblemError('bad_request', { reason: 'multipart' });
  }
}

function missingFile(field: string): ProblemError {
  return new ProblemError('validation_failed', { errors: [{ pointer: `/${field}`, sentence: 'no-file' }] });
}
