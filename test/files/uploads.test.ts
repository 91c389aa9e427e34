/** Uploaded files: stored as they come, read back in parts, within the limits of the plan, and gone when they are deleted. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FeedEvent } from '../../contract/events.ts';
import { sweepOrphans, sweepStale } from '../../server/files/sweep.ts';
import { request, signIn } from '../client.ts';
import { expectProblem } from '../contract/problem.ts';
import { describeModes } from '../modes.ts';
import { runDeletions } from '../privacy/run-deletions.ts';
import { unzip } from '../privacy/unzip.ts';
import { pdf, picture } from './samples.ts';
import { download, isAbout, sendForm, settled, upload, uploadIn } from './upload-client.ts';
import { startWithFiles, type WithFiles } from './with-files.ts';

const megabyte = 1_000_000;
const signal = new AbortController().signal;

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

describeModes('files', (mode) => {
  let running: WithFiles['running'];
  let url: string;
  let sql: WithFiles['sql'];
  let user: WithFiles['user'];
  let stored: WithFiles['stored'];
  let named: WithFiles['named'];

  beforeAll(async () => {
    ({ running, url, sql, user, stored, named } = cleanUp.use(await startWithFiles(mode)));
  });

  it('are what they hold, not what they are called', async () => {
    const paper = pdf(['Some words']);
    const taken = [
      [await picture(20, 10), 'holiday.txt', 'image/png'],
      [paper, 'paper', 'application/pdf'],
      ['# Notes', 'notes.md', 'text/markdown'],
      ['a,b\n1,2', 'table.CSV', 'text/csv'],
      ['print("ä💥")', 'run.py', 'text/plain'],
    ] as const;
    await using feed = await user.events();
    for (const [bytes, name, mediaType] of taken) {
      const { status, headers, body } = await upload(url, user, bytes, { name });
      expect(status, name).toBe(201);
      const isText = mediaType.startsWith('text/');
      const first = { status: isText ? 'ready' : 'processing', size: Buffer.byteLength(bytes), failure: null };
      expect(body).toMatchObject({ name, media_type: mediaType, ...first });
      expect(headers.get('location')).toBe(`/uploads/${body.id}`);
      expect(uploadIn(await feed.next(isAbout(body.id)))).toEqual(body);
      const isRead = (event: FeedEvent) => isAbout(body.id)(event) && uploadIn({ event }).status !== 'processing';
      const ready = uploadIn(await feed.next(isRead));
      expect(ready).toMatchObject({ status: 'ready', failure: null });
      expect((await user.call('GET', `/uploads/${body.id}`)).body).toEqual(ready);
      const { bytes: stored } = await download(url, body.id, { user });
      expect(stored).toHaveLength(ready.size);
      if (mediaType !== 'image/png') expect(stored.equals(Buffer.from(bytes))).toBe(true);
    }
  });

  it.each([
    ['nothing', new Uint8Array(0), 'empty.txt', 422],
    ['a program', Buffer.concat([Buffer.from('7f454c46020101', 'hex'), Buffer.alloc(100)]), 'run.txt', 415],
    ['an archive', Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(100)]), 'a.zip', 415],
    ['text that is no image', Buffer.from('<html><script>alert(1)</script>'), 'peak.png', 415],
    ['an SVG image', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'peak.txt', 415],
    ['bytes', randomBytes(1000), 'notes.txt', 415],
  ])('are refused when they hold %s', async (_what, bytes, name, status) => {
    const before = await stored();
    const answer = await upload(url, user, new Uint8Array(bytes), { name });
    expectProblem(answer, status);
    expect(await stored()).toEqual(before);
    expect(await named()).toEqual(before);
  });

  it('have a name without folders, which is only shown', async () => {
    for (const [name, shown] of [
      ['../../etc/passwd', 'passwd'],
      ['C:\\Users\\me\\a.txt', 'a.txt'],
      ['‮fdp.txt', 'fdp.txt'],
      ['x'.repeat(300), 'x'.repeat(255)],
    ] as const) {
      const { body } = await upload(url, user, 'text', { name });
      expect(body.name).toBe(shown);
    }
    expect((await stored()).every((key) => /^[\da-f]{2}\/[\da-f-]{36}$/.test(key))).toBe(true);
  });

  it('are read in parts, and run nothing in a browser', async () => {
    const { body } = await upload(url, user, await picture(400, 300, 'jpeg'), { name: 'a: peak?.png' });
    await settled(user, body.id);
    const whole = await download(url, body.id, { user });
    const image = whole.bytes;
    expect(image.length).toBeGreaterThan(1100);
    expect(whole.headers.get('content-type')).toBe('image/jpeg');
    expect(whole.headers.get('content-length')).toBe(String(image.length));
    expect(whole.headers.get('content-disposition')).toBe("inline; filename*=UTF-8''a%20peak%20.png");
    expect(whole.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    for (const [range, start, end] of [
      ['bytes=0-0', 0, 0],
      ['bytes=10-999', 10, 999],
      ['bytes=1000-', 1000, image.length - 1],
      ['bytes=-5', image.length - 5, image.length - 1],
      ['bytes=5-99999999', 5, image.length - 1],
    ] as const) {
      const part = await download(url, body.id, { user, range });
      expect(part.status, range).toBe(206);
      expect(part.headers.get('content-range')).toBe(`bytes ${start}-${end}/${image.length}`);
      expect(part.bytes.equals(image.subarray(start, end + 1)), range).toBe(true);
    }
    for (const range of ['bytes=9-5', 'bytes=1-2,4-5', 'lines=1-2', 'bytes=-']) {
      expect((await download(url, body.id, { user, range })).status, range).toBe(200);
    }
    const beyond = await download(url, body.id, { user, range: `bytes=${image.length}-` });
    expect(beyond.status).toBe(416);
    expect(beyond.headers.get('content-range')).toBe(`bytes */${image.length}`);
    const text = await upload(url, user, '<script>alert(1)</script>', { name: 'page.html' });
    const saved = await download(url, text.body.id, { user });
    expect(saved.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(saved.headers.get('content-disposition')).toMatch(/^attachment; /);
  });

  it('are for their owner alone, or for one ticket', async () => {
    const { body } = await upload(url, user, 'mine');
    const stranger = await signIn(url);
    for (const path of [`/uploads/${body.id}`, `/uploads/${body.id}/content`]) {
      expect(expectProblem(await stranger.call('GET', path), 404)).toBe('not_found');
    }
    expect(expectProblem(await stranger.call('DELETE', `/uploads/${body.id}`), 404)).toBe('not_found');
    const { body: ticket } = await user.call('POST', '/events/ticket');
    const query = `?ticket=${ticket.ticket}`;
    expect(String((await download(url, body.id, { query })).bytes)).toBe('mine');
    expect((await download(url, body.id, { query })).status).toBe(401);
  });

  it('are gone with their bytes when they are deleted', async () => {
    const { body } = await upload(url, user, 'short-lived');
    expect((await user.call('DELETE', `/uploads/${body.id}`)).status).toBe(204);
    for (const path of [`/uploads/${body.id}`, `/uploads/${body.id}/content`]) {
      expect((await user.call('GET', path)).status).toBe(404);
    }
    expect((await user.call('DELETE', `/uploads/${body.id}`)).status).toBe(404);
    expect(await stored()).toEqual(await named());
  });

  it('have to be one file in a whole form', async () => {
    const form = new FormData();
    form.append('name', 'value');
    for (const answer of [await sendForm(url, user, form), await upload(url, user, 'x', { part: 'other' })]) {
      expect(expectProblem(answer, 422)).toBe('validation_failed');
      expect(answer.body.errors).toMatchObject([{ pointer: '/file' }]);
    }
    const json = await user.call('POST', '/uploads', { body: {} });
    expect(expectProblem(json, 415)).toBe('unsupported_media_type');
    expect(json.body.detail).toBe('Send the file as multipart/form-data.');
    const headers = (type: string) => ({ authorization: `Bearer ${user.tokens.access_token}`, 'content-type': type });
    for (const [type, body] of [
      ['multipart/form-data', 'words'],
      ['multipart/form-data; boundary=x', 'words'],
      [
        'multipart/form-data; boundary=x',
        '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\ncut',
      ],
    ] as const) {
      const answer = await request('POST', `${url}/uploads`, { body, headers: headers(type) });
      expect([400, 422], `${type} ${body}`).toContain(answer.status);
    }
    expect(await stored()).toEqual(await named());
  });

  it('are as large as the plan says, each and together', { timeout: 60_000 }, async () => {
    const rich = await signIn(url);
    const large = new Uint8Array(10 * megabyte - 1000).fill(97);
    const tooLarge = await upload(url, rich, new Uint8Array(10 * megabyte + 1).fill(97));
    expect(expectProblem(tooLarge, 413)).toBe('body_too_large');
    const answers = await Promise.all(Array.from({ length: 3 }, () => upload(url, rich, large)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const { id } = (await rich.call('GET', '/user/me')).body;
    await sql('update files set size = 95000000 where id = $1', [answers[0]!.body.id]);
    const full = await upload(url, rich, large);
    expect(expectProblem(full, 409)).toBe('storage_full');
    for (const { body } of answers) await rich.call('DELETE', `/uploads/${body.id}`);
    expect(await sql('select from files where user_id = $1', [id])).toEqual([]);
    expect((await upload(url, rich, large)).status).toBe(201);
    expect(await stored()).toEqual(await named());
  });

  it('leave nothing when they break off', async () => {
    const before = await named();
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
    const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
    socket.write(
      `POST /uploads HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${user.tokens.access_token}\r\n` +
        `content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000000\r\n\r\n${part}${'text '.repeat(20_000)}`,
    );
    await expect.poll(named).toHaveLength(before.length + 1);
    socket.destroy();
    await once(socket, 'close');
    await expect.poll(named).toEqual(before);
    await expect.poll(stored).toEqual(before);
  });

  it('are swept: unused after a day, uploads that never ended, and bytes without a row', async () => {
    const { storage, db } = running.product.parts;
    const kept = (await upload(url, user, 'kept')).body.id;
    const old = (await upload(url, user, 'old')).body.id;
    const lost = (await upload(url, user, 'lost')).body.id;
    const dead = (await upload(url, user, 'dead')).body.id;
    await sql(`update files set created_at = now() - interval '24 hours 1 minute' where id = $1`, [old]);
    await sql(`update files set status = 'uploading', created_at = now() - interval '61 minutes' where id = $1`, [
      dead,
    ]);
    await sql('delete from files where id = $1', [lost]);
    await sweepStale({ db, storage }, signal);
    await sweepOrphans({ db, storage }, signal);
    const ids = (await sql<{ id: number }>('select id from files')).map(({ id }) => id);
    expect(ids).toContain(kept);
    expect(ids).not.toContain(old);
    expect(ids).not.toContain(dead);
    expect(await stored()).toHaveLength((await named()).length + 1);
    await sweepOrphans({ db, storage }, signal, Date.now() + 61 * 60_000);
    expect(await stored()).toEqual(await named());
  });

  it('are exported with the account, and erased with it', async () => {
    const leaver = await signIn(url);
    const { body } = await upload(url, leaver, 'take me along', { name: 'dir/ä.txt' });
    const headers = { authorization: `Bearer ${leaver.tokens.access_token}` };
    const archive = Buffer.from(await (await fetch(`${url}/user/export`, { headers })).arrayBuffer());
    expect(String(unzip(archive).get(`files/${body.id}-ä.txt`))).toBe('take me along');
    const sent = await request('POST', `${url}/auth/send-otp`, { body: { mobile_number: leaver.number } });
    await leaver.call('POST', '/user/deletion', { body: { otp: sent.body.otp } });
    await runDeletions(running);
    expect(await sql('select from files where id = $1', [body.id])).toEqual([]);
    expect(await stored()).toEqual(await named());
  });
});
