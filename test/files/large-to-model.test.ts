/** A file of 50 MB reaches Gemini from the storage in parts, so that the worker needs little memory for it. */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { askAt, distributedPlace, startProduct } from '../harness.ts';
import { startProcess } from '../processes.ts';
import { services } from '../services.ts';
import { sqlOf } from '../sql.ts';

/** The most that Gemini takes of a PDF. */
const largeBytes = 50_000_000;
const growthLimitMebibytes = 64;

/** Resident memory of a process in MiB: now, or its highest since `forgetPeak`. */
function memoryMebibytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)![1]) / 1024;
}

/** proc(5): clear_refs. */
const forgetPeak = (pid: number) => writeFileSync(`/proc/${pid}/clear_refs`, '5');

function* megabytes(bytes: number): Generator<Buffer> {
  const part = Buffer.alloc(1_000_000, '%PDF-1.7\n');
  for (let left = bytes; left > 0; left -= part.length) yield part.subarray(0, left);
}

const isPossible = process.platform === 'linux' && services.postgres && services.redis;

describe.skipIf(!isPossible)('a large file for the model', () => {
  it('grows the worker by 64 MiB at most', { timeout: 120_000 }, async () => {
    await using gemini = await startFakeGemini({ usual: { kind: 'answer', chunks: 1 } });
    await using place = await distributedPlace();
    await using api = await startProduct(place, { environment: askAt(gemini), role: 'api' });
    await using worker = await startProcess({ ...place.environment, ...askAt(gemini) }, 'worker');
    const user = await signIn(api.url);
    const { id: userId } = (await user.call('GET', '/user/me')).body;

    /** Asks about a file of one page, as if it had been uploaded and read. */
    async function askAbout(bytes: number): Promise<void> {
      const key = `te/${randomUUID()}`;
      await api.product.parts.storage.put(key, Readable.from(megabytes(bytes)), { maxBytes: bytes });
      const [file] = await sqlOf(api)<{ id: number }>(
        `insert into files (user_id, key, name, media_type, size, status, pages)
         values ($1, $2, 'a.pdf', 'application/pdf', $3, 'ready', 1) returning id`,
        [userId, key, bytes],
      );
      const room = await user.room();
      const body = { content: 'What is this?', attachment_ids: [file!.id] };
      const { body: sent } = await user.call('POST', `/chatroom/${room}/message`, { body });
      const reply = await user.waitForReply(room, { messageId: sent.id, timeoutMs: 60_000 });
      expect(reply.status).toBe('complete');
    }

    // An idle heap grows with the first upload of any size.
    await askAbout(1_000_000);
    forgetPeak(worker.pid);
    const before = memoryMebibytes(worker.pid, 'VmRSS');
    await askAbout(largeBytes);
    const growth = memoryMebibytes(worker.pid, 'VmHWM') - before;
    expect(gemini.files.uploads().map(({ size }) => size)).toEqual([1_000_000, largeBytes]);
    expect(gemini.requests().at(-1)!.contents.at(-1)!.parts).toContainEqual({
      fileData: { mimeType: 'application/pdf', fileUri: gemini.files.uploads().at(-1)!.uri },
    });
    expect(growth).toBeLessThanOrEqual(growthLimitMebibytes);
  });
});
