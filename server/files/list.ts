/** HTTP routes for the list of files, and the space that they take. */
import * as contract from '../../contract/storage.ts';
import { readTier } from '../accounts/store.ts';
import { linkPages } from '../http/page.ts';
import type { Serve } from '../http/serve.ts';
import { uploadInLanguage } from '../languages/failed-upload.ts';
import { languageOf, varyByLanguage } from '../languages/reader.ts';
import { notFound } from '../problems/problem.ts';
import { presentUpload } from './present.ts';
import { listNewestFiles, readUsedBytes } from './store.ts';
import { megabyte } from './bytes.ts';
import type { FileDeps } from './upload.ts';

const pageSize = 100;

export function serveFileList(serve: Serve, { db, plans }: Pick<FileDeps, 'db' | 'plans'>): void {
  serve(contract.listUploads, async ({ caller, query, request, reply }) => {
    const { limit = pageSize, before = Number.MAX_SAFE_INTEGER } = query;
    const rows = await listNewestFiles(db, caller.userId, before, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    if (rows.length > limit && last) linkPages(request, reply, { next: { before: last.id }, prev: null });
    varyByLanguage(reply);
    return page.map((row) => uploadInLanguage(presentUpload(row), languageOf(request.headers)));
  });

  serve(contract.readStorage, async ({ caller }) => {
    const tier = await readTier(db, caller.userId);
    if (tier === null) throw notFound();
    const { uploadMb, storageMb } = plans.of(tier);
    return {
      used_bytes: await readUsedBytes(db, caller.userId),
      limit_bytes: storageMb * megabyte,
      file_limit_bytes: uploadMb * megabyte,
    };
  });
}
