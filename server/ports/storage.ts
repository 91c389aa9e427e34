/** Port: bytes of files by key, in a folder or in S3. Which keys exist and whose they are is in the database. */
import type { Readable } from 'node:stream';

export interface StoredObject {
  readonly key: string;
  readonly modifiedAt: Date;
}

/** Bytes from `start` to `end`, both included, counted from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Keys are letters, digits, `-`, `.` and `/`, made by us and never from what people send. */
export interface Storage extends AsyncDisposable {
  /**
   * Stores what the stream holds and returns its size. Reads no faster than it stores. Throws `TooLarge` after `maxBytes`, and
   * what the stream or `signal` fails with; then nothing can be read under the key.
   */
  put(
    key: string,
    body: Readable,
    options: { readonly maxBytes: number; readonly signal?: AbortSignal },
  ): Promise<number>;
  /** Null if there is nothing. A range must lie inside the object. The caller reads or destroys the stream. */
  get(key: string, range?: ByteRange): Promise<Readable | null>;
  /** Does nothing if there is nothing. */
  delete(key: string): Promise<void>;
  /** All objects, in no particular order, and what interrupted calls of `put` have left. */
  list(): AsyncIterable<StoredObject>;
}

/** The stream holds more than it may. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** The storage cannot be reached, or refuses. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable';
}
