/** The part of the fake Gemini that keeps uploaded files: the vendor's resumable protocol, and copies that can be lost. */
import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { errorBody } from './gemini-wire.ts';

export interface UploadedFile {
  readonly name: string;
  readonly uri: string;
  readonly mimeType: string;
  readonly size: number;
  readonly sha256: string;
  /** Requests that carried its bytes. */
  readonly chunks: number;
}

export interface FileDesk {
  /** All that was uploaded, oldest first, also what was lost. */
  uploads(): readonly UploadedFile[];
  /** Forgets every file, as after 48 hours. */
  lose(): void;
  /** Uploads from now on are processed until they have been looked at this many times. */
  processFor(looks: number): void;
  /** The next requests of uploads are answered with this status. */
  failNext(status: number, times?: number): void;
  /** True for the uri of a file that is there. */
  has(uri: string): boolean;
  /** False if the request is about something else. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

interface Started {
  readonly name: string;
  readonly mimeType: string;
  readonly size: number;
  readonly hash: Hash;
  received: number;
  chunks: number;
}

const uploadPath = '/upload/v1beta/files';

export function fileDesk(): FileDesk {
  const started = new Map<string, Started>();
  const done: UploadedFile[] = [];
  const there = new Map<string, { readonly file: UploadedFile; looks: number }>();
  const failures: number[] = [];
  let looksNeeded = 0;

  const shown = ({ file, looks }: { file: UploadedFile; looks: number }) => ({
    name: file.name,
    mimeType: file.mimeType,
    sizeBytes: String(file.size),
    sha256Hash: file.sha256,
    uri: file.uri,
    state: looks > 0 ? 'PROCESSING' : 'ACTIVE',
    expirationTime: new Date(Date.now() + 48 * 3_600_000).toISOString(),
  });

  async function start(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers } = request;
    await json(request);
    const size = Number(headers['x-goog-upload-header-content-length']);
    const mimeType = String(headers['x-goog-upload-header-content-type']);
    const id = `f${done.length + started.size + 1}-${Math.trunc(performance.now() * 1000)}`;
    started.set(id, { name: `files/${id}`, mimeType, size, hash: createHash('sha256'), received: 0, chunks: 0 });
    const url = `http://${headers.host}${uploadPath}?upload_id=${id}`;
    response.writeHead(200, { 'x-goog-upload-url': url, 'x-goog-upload-status': 'active' }).end();
  }

  async function receive(upload: Started, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers } = request;
    if (Number(headers['x-goog-upload-offset']) !== upload.received) return refuse(response, 400);
    if (headers['content-length'] === undefined) return refuse(response, 411);
    for await (const chunk of request) {
      upload.hash.update(chunk as Buffer);
      upload.received += (chunk as Buffer).length;
    }
    upload.chunks += 1;
    if (!String(headers['x-goog-upload-command']).includes('finalize')) {
      response.writeHead(200, { 'x-goog-upload-status': 'active' }).end();
      return;
    }
    if (upload.received !== upload.size) return refuse(response, 400);
    const { name, mimeType, size, chunks } = upload;
    const uri = `http://${headers.host}/v1beta/${name}`;
    const entry = {
      file: { name, uri, mimeType, size, sha256: upload.hash.digest('hex'), chunks },
      looks: looksNeeded,
    };
    done.push(entry.file);
    there.set(uri, entry);
    response.writeHead(200, { 'content-type': 'application/json', 'x-goog-upload-status': 'final' });
    response.end(JSON.stringify({ file: shown(entry) }));
  }

  function look(uri: string, response: ServerResponse): void {
    const entry = there.get(uri);
    if (entry === undefined) return refuse(response, 403);
    entry.looks = Math.max(0, entry.looks - 1);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(shown(entry)));
  }

  return {
    uploads: () => done,
    lose: () => there.clear(),
    processFor: (looks) => {
      looksNeeded = looks;
    },
    failNext: (status, times = 1) => void failures.push(...Array.from({ length: times }, () => status)),
    has: (uri) => there.has(uri),
    async handle(request, response) {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
      const isLook = request.method === 'GET' && pathname.startsWith('/v1beta/files/');
      if (!isLook && !pathname.startsWith(uploadPath)) return false;
      if (request.headers['x-goog-api-key'] === undefined) refuse(response, 403);
      else if (isLook) look(`http://${request.headers.host}${pathname}`, response);
      else if (failures.length > 0) refuse(response, failures.shift()!);
      else {
        const upload = started.get(searchParams.get('upload_id') ?? '');
        await (upload === undefined ? start(request, response) : receive(upload, request, response));
      }
      return true;
    },
  };
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(errorBody({ kind: 'error', status }));
}
