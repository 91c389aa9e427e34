/** Files as the contract shows them. */
import type { Upload } from '../../contract/uploads.ts';
import type { Feed } from '../ports/feed.ts';
import type { FileRow } from './store.ts';

export function presentUpload({ id, name, mediaType, size, createdAt }: FileRow): Upload {
  return { id, name, media_type: mediaType, size, created_at: createdAt.toISOString(), status: 'ready' };
}

/** Tells the owner's devices. */
export function announceUpload(feed: Feed, userId: number, row: FileRow): void {
  feed.publish(userId, [{ type: 'upload.updated', upload: presentUpload(row) }]);
}
