/** Files in prompts: what the vendors receive, uploads that are used again, and the memory that it takes. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { byteRoom } from '../../server/adapters/model/byte-room.ts';
import { ModelError, type FilePart, type Prompt } from '../../server/ports/model.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { startFakeOpenAi, type FakeOpenAi } from '../fakes/openai.ts';
import { geminiAt } from './gemini-under-test.ts';
import { openAiAt } from './openai-under-test.ts';
import { readAnswer, rejectionOf } from './read-model.ts';

const megabyte = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let gemini: FakeGemini;
let server: FakeOpenAi;
beforeAll(async () => {
  gemini = await startFakeGemini({ usual: { kind: 'answer', chunks: 3 } });
  server = await startFakeOpenAi();
});
afterAll(async () => {
  await gemini[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

interface Stored {
  readonly bytes: Buffer | null;
  readonly mediaType?: string;
  readonly size?: number;
}

/** A file with its copies in memory, which counts what is read. */
function fileOf({ bytes, mediaType = 'image/png', size = bytes?.length ?? 0 }: Stored) {
  const copies = new Map<string, { uri: string; until: Date }>();
  const reads: number[] = [];
  const part: FilePart = {
    type: 'file',
    name: 'peak.png',
    mediaType,
    size,
    async read(start, end) {
      reads.push(end + 1 - start);
      return bytes && bytes.subarray(start, end + 1);
    },
    copies: {
      find: async (vendor) => copies.get(vendor)?.uri ?? null,
      keep: async (vendor, uri, until) => void copies.set(vendor, { uri, until }),
      forget: async (vendor) => void copies.delete(vendor),
    },
  };
  return { part, copies, reads };
}

const promptWith = (...files: FilePart[]): Prompt => ({
  instructions: null,
  turns: [{ role: 'user', parts: [...files, { type: 'text', text: 'What is this?' }] }],
});
const takes = ['image', 'pdf'] as const;

describe('Gemini', () => {
  const model = (room = byteRoom(12 * megabyte)) => geminiAt(gemini, { files: { takes, room } });
  const sent = () => gemini.requests().at(-1)!.contents.at(-1)!.parts;
  let before: number;
  beforeEach(() => {
    before = gemini.files.uploads().length;
  });
  const uploads = () => gemini.files.uploads().slice(before);

  it('says what it reads, and what that costs', () => {
    const { tokensOf } = model().reading!;
    expect(tokensOf({ mediaType: 'image/png', size: 1000, pages: null })).toBe(1120);
    expect(tokensOf({ mediaType: 'application/pdf', size: 1000, pages: 3 })).toBe(1680);
    for (const [mediaType, pages] of [
      ['image/gif', null],
      ['text/plain', null],
      ['application/pdf', null],
      ['application/pdf', 1001],
    ] as const) {
      expect(tokensOf({ mediaType, size: 1000, pages }), mediaType).toBeNull();
    }
    expect(tokensOf({ mediaType: 'application/pdf', size: 50_000_001, pages: 3 })).toBeNull();
    const textOnly = geminiAt(gemini, { files: { takes: [], room: byteRoom(1) } });
    expect(textOnly.reading!.tokensOf({ mediaType: 'image/png', size: 1000, pages: null })).toBeNull();
  });

  it('receives small files inside the request', async () => {
    const bytes = randomBytes(100_000);
    const answer = await readAnswer(model(), promptWith(fileOf({ bytes }).part));
    expect(answer.text).toContain('What is this?');
    expect(sent()).toEqual([
      { inlineData: { mimeType: 'image/png', data: bytes.toString('base64') } },
      { text: 'What is this?' },
    ]);
    expect(uploads()).toEqual([]);
  });

  it('receives larger files by an upload, once', async () => {
    const bytes = randomBytes(20 * megabyte);
    const { part, copies, reads } = fileOf({ bytes, mediaType: 'application/pdf' });
    await readAnswer(model(), promptWith(part));
    await readAnswer(model(), promptWith(part));
    const [upload, ...more] = uploads();
    expect(more).toEqual([]);
    expect(upload).toMatchObject({ mimeType: 'application/pdf', size: bytes.length, sha256: sha256(bytes), chunks: 3 });
    expect(reads).toEqual(Array.from({ length: 20 }, () => megabyte));
    expect(sent()[0]).toEqual({ fileData: { mimeType: 'application/pdf', fileUri: upload!.uri } });
    const [copy] = [...copies.values()];
    const hours = (copy!.until.getTime() - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(46);
    expect(hours).toBeLessThan(47.1);
  });

  it('waits until the vendor has processed an upload', async () => {
    gemini.files.processFor(2);
    const answer = await readAnswer(model(), promptWith(fileOf({ bytes: randomBytes(megabyte) }).part));
    gemini.files.processFor(0);
    expect(answer.end.truncated).toBe(false);
  });

  it('uploads again what the vendor has lost, at the next attempt', async () => {
    const { part } = fileOf({ bytes: randomBytes(megabyte) });
    await readAnswer(model(), promptWith(part));
    gemini.files.lose();
    const error = await rejectionOf(readAnswer(model(), promptWith(part)));
    expect(error).toMatchObject({ code: 'model_unavailable', transient: true, isRefusal: true });
    await readAnswer(model(), promptWith(part));
    expect(uploads()).toHaveLength(2);
    expect(gemini.files.has(uploads()[1]!.uri)).toBe(true);
  });

  it('fails for now when an upload does, and takes a refusal of the request itself as one', async () => {
    gemini.files.failNext(503);
    const { part, copies } = fileOf({ bytes: randomBytes(megabyte) });
    expect(await rejectionOf(readAnswer(model(), promptWith(part)))).toMatchObject({ transient: true });
    expect(copies.size).toBe(0);
    gemini.next({ kind: 'error', status: 400 });
    const refused = await rejectionOf(readAnswer(model(), promptWith(part)));
    expect(refused).toMatchObject({ code: 'request_refused', transient: false });
  });

  it('is told of a file that was deleted meanwhile', async () => {
    await readAnswer(
      model(),
      promptWith(fileOf({ bytes: null, size: 1000 }).part, fileOf({ bytes: null, size: megabyte }).part),
    );
    expect(sent().map(({ text }) => text)).toEqual([
      '[The file "peak.png" was deleted.]',
      '[The file "peak.png" was deleted.]',
      'What is this?',
    ]);
  });

  it('ends an upload when aborted, and gives its room back', async () => {
    const room = byteRoom(8 * megabyte);
    const controller = new AbortController();
    const reason = new Error('not wanted any more');
    const { part } = fileOf({ bytes: randomBytes(megabyte) });
    const reading: FilePart = {
      ...part,
      read: async (_start, _end, signal) => {
        controller.abort(reason);
        signal.throwIfAborted();
        return null;
      },
    };
    expect(await rejectionOf(readAnswer(model(room), promptWith(reading), controller.signal))).toBe(reason);
    const release = await room.take(8 * megabyte, new AbortController().signal);
    release();
  });

  it('takes little memory for 50 MiB', async () => {
    const chunk = randomBytes(8 * megabyte);
    const { part } = fileOf({ bytes: null, size: 50 * megabyte, mediaType: 'application/pdf' });
    const large: FilePart = { ...part, read: async (start, end) => Buffer.from(chunk.subarray(0, end + 1 - start)) };
    globalThis.gc?.();
    const start = process.memoryUsage().rss;
    let peak = start;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
    await Promise.all([1, 2, 3].map(() => readAnswer(model(byteRoom(8 * megabyte)), promptWith({ ...large }))));
    clearInterval(watch);
    expect(uploads().map(({ size, chunks }) => [size, chunks])).toEqual(
      Array.from({ length: 3 }, () => [50 * megabyte, 7]),
    );
    // The fake, in this process, holds some of it too.
    expect((peak - start) / megabyte).toBeLessThan(160);
  });
});

describe('a server with the protocol of OpenAI', () => {
  const model = () => openAiAt(server, { files: { takes, room: byteRoom(12 * megabyte) } });

  it('receives images as data URLs, and documents not at all', async () => {
    const { tokensOf } = model().reading!;
    expect(tokensOf({ mediaType: 'image/gif', size: 1000, pages: null })).toBe(1105);
    expect(tokensOf({ mediaType: 'image/heic', size: 1000, pages: null })).toBeNull();
    expect(tokensOf({ mediaType: 'application/pdf', size: 1000, pages: 1 })).toBeNull();
    expect(openAiAt(server, { files: { takes: ['pdf'], room: byteRoom(1) } }).reading).toBeUndefined();
    const bytes = randomBytes(50_000);
    const answer = await readAnswer(model(), promptWith(fileOf({ bytes }).part));
    expect(answer.text).toContain('What is this?');
    expect(server.requests().at(-1)!.body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: `data:image/png;base64,${bytes.toString('base64')}` } },
          { type: 'text', text: 'What is this?' },
        ],
      },
    ]);
  });

  it('fails for now when the file cannot be read', async () => {
    const { part } = fileOf({ bytes: randomBytes(10) });
    const trouble = new ModelError('model_unavailable', { transient: true, message: 'no storage' });
    const unreadable: FilePart = { ...part, read: () => Promise.reject(trouble) };
    expect(await rejectionOf(readAnswer(model(), promptWith(unreadable)))).toBe(trouble);
  });
});

describe('the room for bytes', () => {
  const { signal } = new AbortController();

  it('is given in turn, and more than all of it to one alone', async () => {
    const room = byteRoom(10);
    const order: string[] = [];
    const first = await room.take(8, signal);
    const second = room.take(100, signal).then((release) => (order.push('large'), release));
    const third = room.take(1, signal).then((release) => (order.push('small'), release));
    first();
    first();
    const release = await second;
    expect(order).toEqual(['large']);
    release();
    (await third)();
    expect(order).toEqual(['large', 'small']);
  });

  it('is left by who is aborted while waiting', async () => {
    const room = byteRoom(10);
    const first = await room.take(10, signal);
    const controller = new AbortController();
    const waiting = room.take(5, controller.signal);
    const next = room.take(1, signal);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    first();
    (await next)();
  });
});
