/** Files as the contract shows them. */
import type { Upload } from '../../contract/uploads.ts';
import { uploadFailure } from '../languages/failed-upload.ts';
import type { Feed } from '../ports/feed.ts';
import type { FileRow } from './store.ts';

/** With sentences in English. */
export function presentUpload(row: FileRow): Upload {
  return {
    id: row.id,
    name: row.name,
    media_type: row.mediaType,
    size: row.size,
    created_at: row.createdAt.toISOString(),
    status: row.status,
    failure: row.failure === null ? null : uploadFailure('en', row.failure),
    preview: row.previewKey !== null,
    width: row.width,
    height: row.height,
    pages: row.pages,
    text_cut: row.textCut,
  };
}

/** Tells the owner's devices. */
export function announceUpload(feed: Feed, userId: number, upload: Upload): void {
  feed.publish(userId, [{ type: 'upload.updated', upload }]);
}
