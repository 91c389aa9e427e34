/** Files in S3, or in a store that speaks its protocol. */
import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { StorageUnavailable, TooLarge, type Storage } from '../../ports/storage.ts';
import { bounded } from './bounded.ts';

export interface S3Settings {
  readonly bucket: string;
  /** Before every key; empty or ending in `/`. */
  readonly prefix: string;
  /** Null: that of AWS. */
  readonly endpoint: string | null;
  /** Null: as the SDK finds it. */
  readonly region: string | null;
}

/** The smallest that S3 takes; one is held in memory for each upload. */
const partBytes = 5 * 1024 * 1024;
const requestTimeoutMs = 30_000;
const connectionTimeoutMs = 3000;

/** Credentials come from where the SDK looks for them: environment, files, or the machine's role. */
export function s3Storage({ bucket, prefix, endpoint, region }: S3Settings): Storage {
  const client = new S3Client({
    ...(endpoint !== null && { endpoint, forcePathStyle: true }),
    ...(region !== null && { region }),
    // Other stores may not know the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { requestTimeout: requestTimeoutMs, connectionTimeout: connectionTimeoutMs },
  });
  const at = (key: string) => ({ Bucket: bucket, Key: prefix + key });

  return {
    async put(key, body, { maxBytes, signal }) {
      const counted = bounded(maxBytes);
      body.once('error', (error) => counted.destroy(error));
      const upload = new Upload({
        client,
        params: { ...at(key), Body: body.pipe(counted) },
        partSize: partBytes,
        queueSize: 1,
      });
      const abort = () => void upload.abort();
      signal?.addEventListener('abort', abort, { once: true });
      try {
        signal?.throwIfAborted();
        await upload.done();
      } catch (error) {
        body.destroy();
        signal?.throwIfAborted();
        if (counted.errored) throw counted.errored;
        throw unavailable(error);
      } finally {
        signal?.removeEventListener('abort', abort);
      }
      return counted.bytes;
    },
    async get(key, range) {
      try {
        const { Body } = await client.send(
          new GetObjectCommand({ ...at(key), ...(range && { Range: `bytes=${range.start}-${range.end}` }) }),
        );
        return (Body as Readable | undefined) ?? null;
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw unavailable(error);
      }
    },
    async delete(key) {
      await client.send(new DeleteObjectCommand(at(key))).catch(rethrow);
    },
    async *list() {
      for (let token: string | undefined; ;) {
        const page = await client
          .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }))
          .catch(rethrow);
        for (const { Key, LastModified } of page.Contents ?? [])
          if (Key && LastModified) yield { key: Key.slice(prefix.length), modifiedAt: LastModified };
        token = page.NextContinuationToken;
        if (!token) return;
      }
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
    },
  };
}

function rethrow(error: unknown): never {
  throw unavailable(error);
}

/** Names of errors only: messages may hold keys of the account. */
function unavailable(error: unknown): Error {
  if (error instanceof TooLarge) return error;
  const name =
    error instanceof S3ServiceException ? `${error.name} (${error.$metadata.httpStatusCode})` : String(error);
  return new StorageUnavailable(`S3: ${name}`, { cause: error });
}
