/** The storage port's suite, over a folder and over S3. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { folderStorage } from '../../server/adapters/storage/folder.ts';
import { s3Storage } from '../../server/adapters/storage/s3.ts';
import { StorageUnavailable, TooLarge, type Storage } from '../../server/ports/storage.ts';
import { fakeCredentials, startFakeS3 } from '../fakes/s3.ts';

const cleanUp = new AsyncDisposableStack();
for (const [name, value] of Object.entries(fakeCredentials)) vi.stubEnv(name, value);
const s3 = cleanUp.use(await startFakeS3());
const directory = await mkdtemp(path.join(os.tmpdir(), 'pollux-files-'));
cleanUp.defer(() => rm(directory, { recursive: true }));
afterAll(() => cleanUp.disposeAsync());

const overS3 = () => s3Storage({ bucket: s3.bucket, prefix: 'a/prefix/', endpoint: s3.url, region: 'us-east-1' });
const storages: readonly [string, Storage][] = [
  ['a folder', cleanUp.use(folderStorage(path.join(directory, 'files')))],
  ['S3', cleanUp.use(overS3())],
];

const mebibyte = 1024 * 1024;
const maxBytes = 20 * mebibyte;

async function keysOf(storage: Storage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key, modifiedAt } of storage.list()) {
    expect(Math.abs(Date.now() - modifiedAt.getTime())).toBeLessThan(60_000);
    keys.push(key);
  }
  return keys.toSorted();
}

describe.each(storages)('storage in %s', (_name, storage) => {
  it('returns what was stored, whole and in parts', async () => {
    for (const size of [0, 1, 100_000, 11 * mebibyte]) {
      const bytes = randomBytes(size);
      expect(await storage.put('ab/one.file', Readable.from([bytes]), { maxBytes })).toBe(size);
      expect((await buffer((await storage.get('ab/one.file'))!)).equals(bytes)).toBe(true);
      if (size < 10) continue;
      for (const [start, end] of [
        [0, 0],
        [5, size - 1],
        [size - 1, size - 1],
      ] as const) {
        const part = await buffer((await storage.get('ab/one.file', { start, end }))!);
        expect(part.equals(bytes.subarray(start, end + 1))).toBe(true);
      }
    }
    await storage.delete('ab/one.file');
  });

  it('has nothing under other keys, and deletes what is not there', async () => {
    expect(await storage.get('ab/nothing')).toBeNull();
    await storage.delete('ab/nothing');
  });

  it('lists and deletes', async () => {
    const keys = Array.from({ length: 7 }, (_, n) => `x${n % 2}/key-${n}`);
    for (const key of keys) await storage.put(key, Readable.from([Buffer.from(key)]), { maxBytes });
    expect(await keysOf(storage)).toEqual(keys.toSorted());
    await storage.delete(keys[0]!);
    expect(await storage.get(keys[0]!)).toBeNull();
    expect(await keysOf(storage)).toEqual(keys.slice(1).toSorted());
    for (const key of keys) await storage.delete(key);
  });

  it('replaces an object as a whole', async () => {
    for (const text of ['first', 'second'])
      await storage.put('ab/same', Readable.from([Buffer.from(text)]), { maxBytes });
    expect(String(await buffer((await storage.get('ab/same'))!))).toBe('second');
    await storage.delete('ab/same');
  });

  const endless = () =>
    new Readable({
      read() {
        this.push(Buffer.alloc(mebibyte));
      },
    });

  it('keeps nothing of what is too large', async () => {
    const body = endless();
    await expect(storage.put('ab/large', body, { maxBytes: 7 * mebibyte })).rejects.toThrow(TooLarge);
    expect(body.destroyed).toBe(true);
    expect(await keysOf(storage)).toEqual([]);
  });

  it('keeps nothing of what breaks off, or is given up', async () => {
    let sent = 0;
    const broken = new Readable({
      read() {
        if (sent++ < 7) this.push(Buffer.alloc(mebibyte));
        else this.destroy(new Error('cut'));
      },
    });
    await expect(storage.put('ab/cut', broken, { maxBytes })).rejects.toThrow('cut');
    const leave = new AbortController();
    const given = storage.put('ab/given-up', new Readable({ read() {} }), { maxBytes, signal: leave.signal });
    leave.abort(new Error('given up'));
    await expect(given).rejects.toThrow();
    await expect(storage.put('ab/late', endless(), { maxBytes, signal: leave.signal })).rejects.toThrow();
    expect(await keysOf(storage)).toEqual([]);
    expect(s3.unfinished()).toBe(0);
  });
});

it('in a folder is for its owner alone', async () => {
  const storage = folderStorage(path.join(directory, 'files'));
  await storage.put('zz/own', Readable.from([Buffer.from('x')]), { maxBytes });
  const modes = await Promise.all(
    ['files', 'files/zz', 'files/zz/own'].map(async (name) => (await stat(path.join(directory, name))).mode & 0o777),
  );
  expect(modes).toEqual([0o700, 0o700, 0o600]);
  await storage.delete('zz/own');
});

describe('S3 that fails', () => {
  it.each([{ kind: 'error', status: 403, code: 'AccessDenied' } as const, { kind: 'reset' } as const])(
    'with $kind is unavailable',
    async (behaviour) => {
      await using storage = overS3();
      s3.behave(behaviour);
      try {
        await expect(storage.list()[Symbol.asyncIterator]().next()).rejects.toThrow(StorageUnavailable);
        await expect(storage.get('ab/any')).rejects.toThrow(StorageUnavailable);
        await expect(storage.delete('ab/any')).rejects.toThrow(StorageUnavailable);
        await expect(storage.put('ab/any', Readable.from([Buffer.from('x')]), { maxBytes })).rejects.toThrow(
          StorageUnavailable,
        );
      } finally {
        s3.behave(null);
      }
    },
  );
});
