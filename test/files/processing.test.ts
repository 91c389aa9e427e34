/** What happens to uploaded files before they can be read: images lose what they tell of their place, documents show their text. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pino } from 'pino';
import sharp from 'sharp';
import { processFile } from '../../server/files/process.ts';
import { readPassages } from '../../server/files/text-store.ts';
import { findBestPassages } from '../../server/replies/file-store.ts';
import { openEventStream, signIn } from '../client.ts';
import { expectProblem } from '../contract/problem.ts';
import { describeModes } from '../modes.ts';
import { pdf, photo, picture, placeBytes } from './samples.ts';
import { download, isAbout, settled, upload, uploadIn } from './upload-client.ts';
import { startWithFiles, type WithFiles } from './with-files.ts';

const signal = new AbortController().signal;
const log = pino({ level: 'silent' });
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

describeModes('an uploaded file', (mode) => {
  let running: WithFiles['running'];
  let url: string;
  let sql: WithFiles['sql'];
  let user: WithFiles['user'];
  let stored: WithFiles['stored'];
  let named: WithFiles['named'];
  let userId: number;

  beforeAll(async () => {
    ({ running, url, sql, user, stored, named } = cleanUp.use(await startWithFiles(mode)));
    userId = (await user.call('GET', '/user/me')).body.id;
  });

  /** Back to how it was before its job, but that its bytes are those that the job made. */
  const unmake = async (id: number, attempts = 0) => {
    const [row] = await sql<{ preview_key: string }>('select preview_key from files where id = $1', [id]);
    await running.product.parts.storage.delete(row!.preview_key);
    await sql(
      `update files set status = 'processing', preview_key = null, derived_bytes = 0, attempts = $2 where id = $1`,
      [id, attempts],
    );
  };

  it('that is a photo does not tell where it was taken, lies upright and has a preview', async () => {
    const { body } = await upload(url, user, await photo(60, 40), { name: 'me.jpg' });
    expect(body).toMatchObject({ status: 'processing', preview: false, width: null });
    const ready = await settled(user, body.id);
    expect(ready).toMatchObject({ status: 'ready', preview: true, width: 40, height: 60, media_type: 'image/jpeg' });
    const { bytes } = await download(url, body.id, { user });
    expect(bytes.includes(placeBytes)).toBe(false);
    expect((await sharp(bytes).metadata()).exif).toBeUndefined();
    const preview = await download(url, body.id, { user, of: 'preview' });
    expect(preview.headers.get('content-type')).toBe('image/webp');
    expect(preview.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(await sharp(preview.bytes).metadata()).toMatchObject({ format: 'webp', width: 40, height: 60 });
    expect((await download(url, body.id, { user: await signIn(url), of: 'preview' })).status).toBe(404);
    await expect.poll(stored).toEqual(await named());
    expect((await user.call('DELETE', `/uploads/${body.id}`)).status).toBe(204);
    expect(await stored()).toEqual(await named());
  });

  it('cannot be read before', async () => {
    const { body } = await upload(url, user, await photo(), { name: 'me.jpg' });
    await settled(user, body.id);
    await unmake(body.id);
    for (const of of ['content', 'preview']) expect((await download(url, body.id, { user, of })).status).toBe(404);
    expect((await user.call('DELETE', `/uploads/${body.id}`)).status).toBe(204);
  });

  it('shows its text, by pages and by the best passages', async () => {
    const document = pdf(['Invoices are paid in March', 'Trees know when spring has come']);
    const { body } = await upload(url, user, document, { name: 'a.pdf' });
    const { body: note } = await upload(url, user, 'Spring cleaning', { name: 'a.md' });
    expect(await settled(user, body.id)).toMatchObject({ status: 'ready', pages: 2, text_cut: false, preview: false });
    const { db } = running.product.parts;
    expect(await readPassages(db, userId, body.id, 1_000_000)).toEqual([
      { fileId: body.id, passage: 1, page: 1, text: 'Invoices are paid in March' },
      { fileId: body.id, passage: 2, page: 2, text: 'Trees know when spring has come' },
    ]);
    expect(await readPassages(db, userId, body.id, 40)).toHaveLength(1);
    expect(await readPassages(db, userId + 1000, body.id, 1_000_000)).toEqual([]);
    const found = (id: number) => findBestPassages(db, id, ["'spring'", "'trees'"], 1000);
    expect((await found(body.id)).map(({ page }) => page)).toEqual([2]);
    expect((await found(note.id)).map(({ page }) => page)).toEqual([null]);
  });

  it('that cannot be read says why, in the language of the reader, and keeps no bytes', async () => {
    const authorization = `Bearer ${user.tokens.access_token}`;
    await using feed = await openEventStream(`${url}/events`, { authorization, 'accept-language': 'es' });
    const { body } = await upload(url, user, '%PDF-1.7\nnothing at all', { name: 'a.pdf' });
    const failed = await settled(user, body.id);
    const detail = 'This file is damaged, or not what it claims to be.';
    expect(failed).toMatchObject({ status: 'failed', failure: { code: 'damaged', detail } });
    const { body: spanish } = await user.call('GET', `/uploads/${body.id}`, { headers: { 'accept-language': 'es' } });
    const told = await feed.next((event) => isAbout(body.id)(event) && event.upload.status === 'failed');
    expect(uploadIn(told).failure).toEqual(spanish.failure);
    expect(spanish.failure.detail).toMatch(/^Este archivo/);
    expect((await download(url, body.id, { user })).status).toBe(404);
    await expect.poll(stored).toEqual(await named());
  });

  it('with more pixels than the plan takes is refused by its header', async () => {
    const bomb = Buffer.from(await picture(8, 8));
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    const answer = await upload(url, user, bomb, { name: 'a.png' });
    expect(expectProblem(answer, 422)).toBe('validation_failed');
    expect(answer.body.errors).toEqual([{ pointer: '/file', detail: 'must have 50 million pixels at most' }]);
  });

  it('is made once when its job runs twice at the same time, and counts what it takes', async () => {
    const { body } = await upload(url, user, await picture(300, 200), { name: 'a.png' });
    await settled(user, body.id);
    const deps = { ...running.product.parts, log };
    await unmake(body.id);
    await Promise.all([processFile(deps, body.id, signal), processFile(deps, body.id, signal)]);
    const [row] = await sql<{ status: string; size: number; derived: number }>(
      'select status, size::int, derived_bytes::int as derived from files where id = $1',
      [body.id],
    );
    expect(row).toMatchObject({ status: 'ready', size: (await download(url, body.id, { user })).bytes.length });
    expect(row!.derived).toBe((await download(url, body.id, { user, of: 'preview' })).bytes.length);
  });

  it('wakes the replies that wait for it as soon as it is ready or has failed', async () => {
    const { wakeUps } = running.product.parts;
    /** States of the file when replies were woken. */
    const woken: Promise<{ status: string }[]>[] = [];
    const stateOf = (id: number) => sql<{ status: string }>('select status from files where id = $1', [id]);
    for (const attempts of [0, 3]) {
      const { body } = await upload(url, user, 'Ready at once, so that no job is sent', { name: 'a.txt' });
      await sql('delete from file_texts where file_id = $1', [body.id]);
      await sql(`update files set status = 'processing', attempts = $2 where id = $1`, [body.id, attempts]);
      const wake = (topic: string) => topic === 'replies' && woken.push(stateOf(body.id));
      await processFile({ ...running.product.parts, wakeUps: { ...wakeUps, wake }, log }, body.id, signal);
    }
    expect((await Promise.all(woken)).flat()).toEqual([{ status: 'ready' }, { status: 'failed' }]);
  });

  it('that ends its worker again and again is given up, and one that fits no more too', async () => {
    const deps = { ...running.product.parts, log };
    const ids: number[] = [];
    for (const attempts of [3, 0]) {
      const { body } = await upload(url, user, await picture(30, 20), { name: 'a.png' });
      await settled(user, body.id);
      await unmake(body.id, attempts);
      ids.push(body.id);
    }
    const { body: large } = await upload(url, user, 'large', { name: 'large.txt' });
    await sql('update files set size = 99999999 where id = $1', [large.id]);
    for (const id of ids) await processFile(deps, id, signal);
    const codes = await Promise.all(ids.map(async (id) => (await settled(user, id)).failure?.code));
    await user.call('DELETE', `/uploads/${large.id}`);
    expect(codes).toEqual(['too_complex', 'storage_full']);
    await expect.poll(stored).toEqual(await named());
  });

  it('is stored once for each Idempotency-Key', async () => {
    const before = (await stored()).length;
    const headers = { 'idempotency-key': randomUUID() };
    const first = await upload(url, user, 'the same', { name: 'a.txt', headers });
    const again = await upload(url, user, 'the same', { name: 'a.txt', headers });
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect([first, again].map((answer) => answer.headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    for (const [bytes, name] of [
      ['another', 'a.txt'],
      ['the same', 'b.txt'],
    ] as const) {
      const other = await upload(url, user, bytes, { name, headers });
      expect(expectProblem(other, 422)).toBe('idempotency_key_reused');
    }
    const both = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => upload(url, user, 'at once', { name: 'c.txt', headers: both })),
    );
    const created = answers.filter(({ status }) => status === 201);
    expect(created.length).toBeGreaterThan(0);
    expect(new Set(created.map(({ body }) => body.id)).size).toBe(1);
    for (const answer of answers)
      if (answer.status !== 201) expect(expectProblem(answer, 409)).toBe('request_in_flight');
    expect(await stored()).toHaveLength(before + 2);
  });

  it('that is text must be UTF-8 to its end', async () => {
    const before = await stored();
    const long = 'text '.repeat(20_000);
    for (const end of [Buffer.from([0xff, 0xfe]), Buffer.from([0]), Buffer.from([0xe2, 0x82])]) {
      const answer = await upload(url, user, Buffer.concat([Buffer.from(long), end]), { name: 'a.txt' });
      expect(expectProblem(answer, 415)).toBe('unsupported_media_type');
    }
    expect(await stored()).toEqual(before);
  });
});
