/** HTTP routes for files. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { replayedHeaders } from '../../contract/endpoint.ts';
import * as contract from '../../contract/uploads.ts';
import { fileNameParameter, safeName } from '../http/file-name.ts';
import { withFile } from '../http/multipart.ts';
import type { Serve } from '../http/serve.ts';
import { uploadInLanguage } from '../languages/failed-upload.ts';
import { languageOf, varyByLanguage } from '../languages/reader.ts';
import { notFound } from '../problems/problem.ts';
import { discardBytes } from './bytes.ts';
import { presentUpload } from './present.ts';
import { serveFileList } from './list.ts';
import { rangeOf } from './range.ts';
import { readFile, removeFile, type FileRow } from './store.ts';
import { storeUpload, type FileDeps } from './upload.ts';

export function serveFiles(serve: Serve, deps: FileDeps): void {
  const { db, storage } = deps;
  serveFileList(serve, deps);

  serve(contract.createUpload, async ({ caller, requestKey, request, reply }) => {
    const sent = { userId: caller.userId, key: requestKey?.key ?? null };
    const { created, replayed } = await withFile(request, 'file', (file) => storeUpload(deps, { ...sent, ...file }));
    if (replayed) reply.headers(replayedHeaders);
    reply.header('location', `/uploads/${created.id}`);
    return created;
  });

  serve(contract.readUpload, async ({ caller, params, request, reply }) => {
    const row = await readFile(db, caller.userId, params.upload_id);
    if (row === null) throw notFound();
    varyByLanguage(reply);
    return uploadInLanguage(presentUpload(row), languageOf(request.headers));
  });

  serve(contract.readUploadContent, async ({ caller, params, request, reply }) => {
    const row = await readFile(db, caller.userId, params.upload_id);
    // Until an image was encoded again it holds what it should not show.
    if (row?.status !== 'ready') throw notFound();
    const range = rangeOf(request.headers.range, row.size);
    const bytes = range === null ? row.size : range.end - range.start + 1;
    describe(reply, row, bytes);
    reply.header('accept-ranges', 'bytes');
    if (range !== null) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${row.size}`);
    if (isHead(request)) return reply.send();
    const stream = await storage.get(row.key, range ?? undefined);
    if (stream === null) throw notFound();
    return reply.send(stream);
  });

  serve(contract.readUploadPreview, async ({ caller, params, reply }) => {
    const row = await readFile(db, caller.userId, params.upload_id);
    const stream = row?.status === 'ready' && row.previewKey !== null ? await storage.get(row.previewKey) : null;
    if (row === null || stream === null) throw notFound();
    describe(reply, { name: `${row.name}.webp`, mediaType: 'image/webp' });
    return reply.send(stream);
  });

  serve(contract.deleteUpload, async ({ caller, params }) => {
    const keys = await removeFile(db, caller.userId, params.upload_id);
    if (keys === null) throw notFound();
    // The row is gone; the sweep deletes the bytes if this fails.
    await discardBytes(storage, keys);
    return undefined;
  });
}

const isHead = ({ method }: FastifyRequest) => method === 'HEAD';

/** Shown by browsers; everything else is saved. */
const raster = new Set<string>(contract.uploadTypes.image);

function describe(reply: FastifyReply, { name, mediaType }: Pick<FileRow, 'name' | 'mediaType'>, bytes?: number): void {
  const text = mediaType.startsWith('text/') ? '; charset=utf-8' : '';
  reply.headers({
    'content-type': `${mediaType}${text}`,
    ...(bytes !== undefined && { 'content-length': bytes }),
    'content-disposition': `${raster.has(mediaType) ? 'inline' : 'attachment'}; ${fileNameParameter(safeName(name, 'file'))}`,
    // What people upload runs nothing and loads nothing, even where a browser shows it.
    'content-security-policy': "default-src 'none'; sandbox",
  });
}
