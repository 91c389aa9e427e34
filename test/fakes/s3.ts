/** A fake S3: an HTTP server that speaks the parts of its protocol that the SDK uses, path style, with multipart uploads. */
import { createHash, randomUUID } from 'node:crypto';
import { ServerResponse, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen } from './listen.ts';

export const fakeCredentials = { AWS_ACCESS_KEY_ID: 'AKIAFAKE', AWS_SECRET_ACCESS_KEY: 'a-secret-for-tests' };

/** `error` answers S3's error document, `reset` breaks the connection. */
export type S3Behaviour =
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  | { readonly kind: 'reset' };

/** Sees a request once it has arrived. `lose`: it is not carried out; `mute`: it is, but not answered. */
export type Intercept = (method: string) => Promise<'lose' | 'mute' | 'answer'>;

export interface FakeS3 extends AsyncDisposable {
  readonly url: string;
  readonly bucket: string;
  /** Objects by key; those of unfinished uploads are not among them. */
  readonly objects: ReadonlyMap<string, Buffer>;
  /** Multipart uploads that were neither completed nor aborted. */
  unfinished(): number;
  /** While set, every request behaves like this. */
  behave(behaviour: S3Behaviour | null): void;
  intercept(intercept: Intercept | null): void;
}

interface Stored {
  readonly bytes: Buffer;
  readonly at: Date;
}

/** Keys in a page of a list; few, so that tests see several. */
const pageKeys = 3;

export async function startFakeS3(bucket = 'pollux-files'): Promise<FakeS3> {
  const stored = new Map<string, Stored>();
  const uploads = new Map<string, Map<number, Buffer>>();
  let behaviour: S3Behaviour | null = null;
  let intercept: Intercept | null = null;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url!, 'http://s3');
    const body = await buffer(request);
    if (behaviour?.kind === 'reset') return void request.socket.resetAndDestroy();
    if (behaviour) return refuse(response, behaviour.status, behaviour.code);
    const signed = request.headers.authorization ?? '';
    if (!signed.startsWith(`AWS4-HMAC-SHA256 Credential=${fakeCredentials.AWS_ACCESS_KEY_ID}/`))
      return refuse(response, 403, 'AccessDenied');
    const [, where, ...rest] = pathname.split('/').map(decodeURIComponent);
    if (where !== bucket) return refuse(response, 404, 'NoSuchBucket');
    const key = rest.join('/');
    const operation = operations[`${request.method}${key === '' ? ' list' : ''}${kindOf(query)}`];
    if (!operation) return refuse(response, 501, 'NotImplemented');
    const verdict = (await intercept?.(request.method!)) ?? 'answer';
    if (verdict === 'lose') return void request.socket.destroy();
    operation({ key, query, body, request, response: verdict === 'mute' ? new ServerResponse(request) : response });
  }

  interface Call {
    readonly key: string;
    readonly query: URLSearchParams;
    readonly body: Buffer;
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  }

  const operations: Record<string, (call: Call) => void> = {
    PUT({ key, body, response }) {
      stored.set(key, { bytes: body, at: new Date() });
      response.writeHead(200, { etag: etagOf(body) }).end();
    },
    'POST uploads'({ key, response }) {
      const id = randomUUID();
      uploads.set(id, new Map());
      xml(response, 'InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: id });
    },
    'PUT part'({ query, body, response }) {
      const parts = uploads.get(query.get('uploadId')!);
      if (!parts) return refuse(response, 404, 'NoSuchUpload');
      parts.set(Number(query.get('partNumber')), body);
      response.writeHead(200, { etag: etagOf(body) }).end();
    },
    'POST upload'({ key, query, response }) {
      const parts = uploads.get(query.get('uploadId')!);
      if (!parts) return refuse(response, 404, 'NoSuchUpload');
      uploads.delete(query.get('uploadId')!);
      const inOrder = [...parts].toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes);
      const bytes = Buffer.concat(inOrder);
      stored.set(key, { bytes, at: new Date() });
      xml(response, 'CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: etagOf(bytes) });
    },
    'DELETE upload'({ query, response }) {
      uploads.delete(query.get('uploadId')!);
      response.writeHead(204).end();
    },
    GET({ key, request, response }) {
      const found = stored.get(key);
      if (!found) return refuse(response, 404, 'NoSuchKey');
      const { bytes } = found;
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const part = from === undefined ? bytes : bytes.subarray(Number(from), Number(to) + 1);
      const headers = { 'content-length': part.length, etag: etagOf(bytes) };
      if (from === undefined) response.writeHead(200, headers).end(part);
      else response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${to}/${bytes.length}` }).end(part);
    },
    DELETE({ key, response }) {
      stored.delete(key);
      response.writeHead(204).end();
    },
    'GET list'({ query, response }) {
      const after = query.get('continuation-token') ?? '';
      const keys = [...stored.keys()]
        .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
        .toSorted();
      const page = keys.slice(0, Math.min(pageKeys, Number(query.get('max-keys') ?? pageKeys)));
      const more = keys.length > page.length;
      const contents = page.map(
        (key) =>
          `<Contents><Key>${key}</Key><LastModified>${stored.get(key)!.at.toISOString()}</LastModified><Size>${stored.get(key)!.bytes.length}</Size></Contents>`,
      );
      xml(
        response,
        'ListBucketResult',
        { IsTruncated: String(more), ...(more && { NextContinuationToken: page.at(-1)! }) },
        contents.join(''),
      );
    },
  };

  const listening = await listen(answer);
  return {
    url: listening.url,
    bucket,
    get objects() {
      return new Map([...stored].map(([key, { bytes }]) => [key, bytes]));
    },
    unfinished: () => uploads.size,
    behave: (next) => void (behaviour = next),
    intercept: (next) => void (intercept = next),
    [Symbol.asyncDispose]: listening[Symbol.asyncDispose],
  };
}

/** The kind of an operation, by its query. */
function kindOf(query: URLSearchParams): string {
  if (query.has('uploads')) return ' uploads';
  if (query.has('partNumber')) return ' part';
  return query.has('uploadId') ? ' upload' : '';
}

function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function xml(response: ServerResponse, name: string, members: Record<string, string>, more = ''): void {
  const inner = Object.entries(members).map(([key, value]) => `<${key}>${value}</${key}>`);
  response
    .writeHead(200, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?><${name}>${inner.join('')}${more}</${name}>`);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}
