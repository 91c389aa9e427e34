/** HTTP routes for files. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as contract from '../../contract/uploads.ts';
import { fileNameParameter, safeName } from '../http/file-name.ts';
import { withFile } from '../http/multipart.ts';
import type { Serve } from '../http/serve.ts';
import { notFound } from '../problems/problem.ts';
import { presentUpload } from './present.ts';
import { serveFileList } from './list.ts';
import { rangeOf } from './range.ts';
import { readFile, removeFile, type FileRow } from './store.ts';
import { storeUpload, type FileDeps } from './upload.ts';

export function serveFiles(serve: Serve, deps: FileDeps): void {
  const { db, storage } = deps;
  serveFileList(serve, deps);

  serve(contract.createUpload, async ({ caller, request, reply }) => {
    const { userId } = caller;
    const row = await withFile(request, 'file', (file) => storeUpload(deps, { userId, ...file }));
    reply.header('location', `/uploads/${row.id}`);
    return presentUpload(row);
  });

  serve(contract.readUpload, async ({ caller, params }) => {
    const row = await readFile(db, caller.userId, params.upload_id);
    if (row === null) throw notFound();
    return presentUpload(row);
  });

  serve(contract.readUploadContent, async ({ caller, params, request, reply }) => {
    const row = await readFile(db, caller.userId, params.upload_id);
    if (row === null) throw notFound();
    const range = rangeOf(request.headers.range, row.size);
    const bytes = range === null ? row.size : range.end - range.start + 1;
    describe(reply, row, bytes);
    if (range !== null) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${row.size}`);
    if (isHead(request)) return reply.send();
    const stream = await storage.get(row.key, range ?? undefined);
    if (stream === null) throw notFound();
    return reply.send(stream);
  });

  serve(contract.deleteUpload, async ({ caller, params }) => {
    const key = await removeFile(db, caller.userId, params.upload_id);
    if (key === null) throw notFound();
    // The row is gone; the sweep deletes the bytes if this fails.
    await storage
      .delete(key)
      .catch((error: unknown) => deps.log.warn({ err: error }, 'cannot delete the bytes of a file'));
    return undefined;
  });
}

const isHead = ({ method }: FastifyRequest) => method === 'HEAD';

/** Shown by browsers; everything else is saved. */
const raster = new Set<string>(contract.uploadTypes.image);

function describe(reply: FastifyReply, { name, mediaType }: FileRow, bytes: number): void {
  const text = mediaType.startsWith('text/') ? '; charset=utf-8' : '';
  reply.headers({
    'content-type': `${mediaType}${text}`,
    'content-length': bytes,
    'accept-ranges': 'bytes',
    'content-disposition': `${raster.has(mediaType) ? 'inline' : 'attachment'}; ${fileNameParameter(safeName(name, 'file'))}`,
    // What people upload runs nothing and loads nothing, even where a browser shows it.
    'content-security-policy': "default-src 'none'; sandbox",
  });
}
