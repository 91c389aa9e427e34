/** Files on messages: accepted with the question or not at all, shown wherever it is, and gone with its room and account. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepOrphans, sweepStale } from '../../server/files/sweep.ts';
import { request, signIn, type Answer, type Client } from '../client.ts';
import { expectProblem } from '../contract/problem.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { download, upload } from '../files/upload-client.ts';
import { askAt, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { runDeletions } from '../privacy/run-deletions.ts';
import { unzip } from '../privacy/unzip.ts';
import { connectSql, sqlOf, type Sql } from '../sql.ts';

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

describeModes('files on messages', (mode) => {
  let place: Place;
  let running: RunningProduct;
  let other: RunningProduct;
  let sql: Sql;
  let user: Client;
  let stranger: Client;
  let roomId: number;

  beforeAll(async () => {
    const fake = cleanUp.use(await startFakeGemini());
    place = cleanUp.use(await mode.place());
    const environment = { ...askAt(fake), BASIC_DAILY_LIMIT: '1000' };
    running = cleanUp.use(await startProduct(place, { environment }));
    other = mode.apis > 1 ? cleanUp.use(await startProduct(place, { environment, role: 'api' })) : running;
    sql = sqlOf(running);
    user = await signIn(running.url);
    stranger = await signIn(running.url);
    roomId = await user.room('With files');
  });

  const file = async (name: string, by = user): Promise<number> =>
    (await upload(running.url, by, `Content of ${name}`, { name })).body.id;
  const send = (body: object, { room = roomId, headers = {}, url = running.url } = {}): Promise<Answer> =>
    user.call('POST', `/chatroom/${room}/message`, { body: { content: 'Why?', ...body }, headers, url });
  const shown = (id: number, name: string) => ({
    id,
    name,
    media_type: 'text/plain',
    size: `Content of ${name}`.length,
    deleted: false,
  });
  const answered = async (body: object, room = roomId): Promise<{ id: number; replyId: number }> => {
    const { body: sent } = await send(body, { room });
    await user.waitForReply(room, { messageId: sent.id });
    return { id: sent.id, replyId: sent.reply.id };
  };
  const messageIn = async (room: number, id: number) =>
    (await user.call('GET', `/chatroom/${room}/messages/${id}`, { url: other.url })).body;
  const keysOf = async (ids: readonly number[]) =>
    (await sql<{ key: string }>('select key from files where id = any($1) order by id', [ids])).map(({ key }) => key);
  const stored = async () => {
    const keys = new Set<string>();
    for await (const { key } of running.product.parts.storage.list()) keys.add(key);
    return keys;
  };

  it('stand on the question, in their order, in every shape of it', async () => {
    const names = ['b.txt', 'a.txt', 'c & [d].txt'];
    const ids: number[] = [];
    for (const name of names) ids.push(await file(name));
    const expected = ids.map((id, index) => shown(id, names[index]!));
    await using feed = await user.events({ url: other.url });
    const sent = await send({ content: '', attachment_ids: ids });
    expect(sent.status).toBe(202);
    const { id } = sent.body;
    const { event } = await feed.next((one) => one.type === 'message.created' && one.message.id === id);
    expect(event).toMatchObject({ message: { content: '', attachments: expected }, reply: { attachments: [] } });
    expect((await user.waitForReply(roomId, { messageId: id })).attachments).toEqual([]);
    expect(await messageIn(roomId, id)).toMatchObject({ content: '', attachments: expected });
    const { body: list } = await user.call('GET', `/chatroom/${roomId}/messages`);
    expect(list.find((one: any) => one.id === id).attachments).toEqual(expected);
    const json = (await user.call('GET', `/chatroom/${roomId}/export?format=json`)).body;
    expect(json.messages.find((one: any) => one.id === id).attachments).toEqual(expected);
    const markdown = (await user.call('GET', `/chatroom/${roomId}/export`)).body;
    expect(markdown).toContain('\nFiles:\n\n- b.txt\n- a.txt\n- c \\& \\[d\\].txt\n');
  });

  describe('are refused without a charge', () => {
    const used = async () => (await user.call('GET', '/user/me')).body.daily_message_count;
    async function refusal(body: object, room = roomId) {
      const before = await used();
      const answer = await send(body, { room });
      expect(expectProblem(answer, 422)).toBe('validation_failed');
      expect(await used()).toBe(before);
      return answer.body.errors.map(({ pointer, detail }: any) => [pointer, detail]);
    }

    it('when they are more than 10, no files, or named twice', async () => {
      const id = await file('mine.txt');
      expect(await refusal({ attachment_ids: Array.from({ length: 11 }, (_, n) => n + 1) })).toMatchObject([
        ['/attachment_ids', expect.any(String)],
      ]);
      expect(await refusal({ attachment_ids: [id, 999_999_999] })).toEqual([
        ['/attachment_ids/1', 'names files that do not exist'],
      ]);
      expect(await refusal({ attachment_ids: [id, id] })).toEqual([
        ['/attachment_ids/1', 'is the same file as one before it'],
      ]);
      expect((await send({ attachment_ids: [id] })).status).toBe(202);
    });

    it('when they are missing and there is no text', async () => {
      const expected = [['/content', 'must not be empty without files']];
      expect(await refusal({ content: '' })).toEqual(expected);
      expect(await refusal({ content: '', attachment_ids: [] })).toEqual(expected);
    });

    it("when they are a stranger's, as if missing, or not uploaded yet", async () => {
      const theirs = await file('theirs.txt', stranger);
      const coming = await file('coming.txt');
      await sql(`update files set status = 'uploading' where id = $1`, [coming]);
      expect(await refusal({ attachment_ids: [theirs, coming] })).toEqual([
        ['/attachment_ids/0', 'names files that do not exist'],
        ['/attachment_ids/1', 'names files that do not exist'],
      ]);
      expect((await stranger.call('GET', `/uploads/${theirs}`)).status).toBe(200);
    });

    it('when they stand at another place, but not on another version at theirs', async () => {
      const id = await file('once.txt');
      const room = await user.room();
      const first = await answered({ attachment_ids: [id] }, room);
      const elsewhere = [['/attachment_ids/0', 'stands on messages elsewhere']];
      expect(await refusal({ attachment_ids: [id] }, room)).toEqual(elsewhere);
      expect(await refusal({ attachment_ids: [id], parent_id: null })).toEqual(elsewhere);
      const further = await file('further.txt');
      const edit = await answered({ content: 'Better?', attachment_ids: [further, id], parent_id: null }, room);
      const { versions, attachments } = await messageIn(room, edit.id);
      expect(versions).toEqual([first.id, edit.id]);
      expect(attachments.map((one: any) => one.id)).toEqual([further, id]);
      const again = await user.call('POST', `/chatroom/${room}/messages/${edit.replyId}/regenerate`);
      expect(again.status).toBe(202);
    });
  });

  it('stand at one place only, also if sent to two at once', async () => {
    const rooms = [await user.room(), await user.room(), await user.room(), await user.room()];
    for (let round = 0; round < 3; round += 1) {
      const ids = [await file('x.txt'), await file('y.txt')];
      const answers = await Promise.all(
        rooms.map((room, n) =>
          send(
            { attachment_ids: n % 2 === 0 ? ids : ids.toReversed() },
            { room, url: n < 2 ? running.url : other.url },
          ),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 422, 422, 422]);
    }
  });

  // An embedded database has no connection to lose.
  if (mode.apis > 1)
    it('stand on a message that was accepted whole, when the connection of its statement dies', async () => {
      const id = await file('held.txt');
      const room = await user.room();
      const used = async () => (await user.call('GET', '/user/me')).body.daily_message_count;
      const before = await used();
      await using holder = await connectSql(place);
      await holder.sql('begin');
      await holder.sql('select from files where id = $1 for update', [id]);
      const sending = send({ attachment_ids: [id] }, { room });
      const cut = () =>
        sql(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like 'with room as %'`);
      await expect.poll(cut).toHaveLength(1);
      expectProblem(await sending, 503);
      await holder.sql('rollback');
      expect(await used()).toBe(before);
      expect(await sql('select from messages where chatroom_id = $1', [room])).toEqual([]);
      expect(await sql('select chatroom_id from files where id = $1', [id])).toEqual([{ chatroom_id: null }]);
      expect((await send({ attachment_ids: [id] }, { room })).status).toBe(202);
    });

  it('are covered by the idempotency key', async () => {
    const ids = [await file('one.txt'), await file('two.txt')];
    const headers = { 'idempotency-key': 'with files' };
    const first = await send({ attachment_ids: ids }, { headers });
    const again = await send({ attachment_ids: ids }, { headers, url: other.url });
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 202, 'true']);
    expect(again.body).toEqual(first.body);
    const changed = await send({ attachment_ids: [ids[0]] }, { headers });
    expect(expectProblem(changed, 422)).toBe('idempotency_key_reused');
  });

  it('keep their names on the message when they are deleted, and are kept by it otherwise', async () => {
    const [kept, gone, unused] = [await file('kept.txt'), await file('gone.txt'), await file('unused.txt')];
    const { id } = await answered({ attachment_ids: [kept, gone] });
    expect((await user.call('DELETE', `/uploads/${gone}`)).status).toBe(204);
    await sql(`update files set created_at = now() - interval '25 hours' where id = any($1)`, [[kept, unused]]);
    const { storage, db } = running.product.parts;
    await sweepStale({ db, storage }, new AbortController().signal);
    const { attachments } = await messageIn(roomId, id);
    expect(attachments).toEqual([shown(kept, 'kept.txt'), { ...shown(gone, 'gone.txt'), deleted: true }]);
    expect(String((await download(running.url, kept, { user })).bytes)).toBe('Content of kept.txt');
    expect((await user.call('GET', `/uploads/${unused}`)).status).toBe(404);
    expectProblem(await send({ attachment_ids: [gone] }), 422);
  });

  it('are shared by name only', async () => {
    const id = await file('secret plan.txt');
    const room = await user.room();
    await answered({ content: 'Shared?', attachment_ids: [id] }, room);
    const { url } = (await user.call('POST', `/chatroom/${room}/shares`)).body;
    const token = url.split('/').at(-1);
    const { body } = await request('GET', `${running.url}/shared/${token}`);
    expect(body.messages.map(({ attachments }: any) => attachments)).toEqual([[{ name: 'secret plan.txt' }], []]);
    const page = await request('GET', `${running.url}/app/shared/${token}`, { headers: { accept: 'text/html' } });
    expect(page.body).toContain('secret plan.txt');
    expectProblem(await stranger.call('GET', `/uploads/${id}/content`), 404);
    expectProblem(await request('GET', `${running.url}/uploads/${id}/content`), 401);
  });

  it('go with their room, and their bytes too', async () => {
    const ids = [await file('r.txt'), await file('s.txt')];
    const room = await user.room();
    await answered({ attachment_ids: ids }, room);
    const keys = await keysOf(ids);
    expect(await user.call('GET', `/uploads/${ids[0]}`)).toMatchObject({ status: 200 });
    expect((await user.call('DELETE', `/chatroom/${room}`)).status).toBe(204);
    expect((await user.call('GET', `/uploads/${ids[0]}`)).status).toBe(404);
    await expect.poll(async () => (await stored()).intersection(new Set(keys)).size).toBe(0);
    expect(await keysOf(ids)).toEqual([]);
  });

  it('leave no bytes when a room is deleted by a process that dies, after the sweep', async () => {
    const id = await file('t.txt');
    const room = await user.room();
    await answered({ attachment_ids: [id] }, room);
    const keys = await keysOf([id]);
    await sql('delete from chatrooms where id = $1', [room]);
    expect((await stored()).has(keys[0]!)).toBe(true);
    const { storage, db } = running.product.parts;
    await sweepOrphans({ db, storage }, new AbortController().signal, Date.now() + 61 * 60_000);
    expect((await stored()).has(keys[0]!)).toBe(false);
  });

  it('are exported with the account, and go with it', async () => {
    const leaver = await signIn(running.url);
    const id = await file('mine.txt', leaver);
    const room = await leaver.room();
    const { body } = await leaver.call('POST', `/chatroom/${room}/message`, {
      body: { content: '', attachment_ids: [id] },
    });
    await leaver.waitForReply(room, { messageId: body.id });
    const keys = await keysOf([id]);
    const headers = { authorization: `Bearer ${leaver.tokens.access_token}` };
    const archive = unzip(Buffer.from(await (await fetch(`${running.url}/user/export`, { headers })).arrayBuffer()));
    expect(String(archive.get(`files/${id}-mine.txt`))).toBe('Content of mine.txt');
    expect(JSON.parse(String(archive.get(`rooms/${room}/room.json`))).messages[0].attachments).toEqual([
      shown(id, 'mine.txt'),
    ]);
    const sent = await request('POST', `${running.url}/auth/send-otp`, { body: { mobile_number: leaver.number } });
    await leaver.call('POST', '/user/deletion', { body: { otp: sent.body.otp } });
    await runDeletions(running);
    expect(await keysOf([id])).toEqual([]);
    expect((await stored()).has(keys[0]!)).toBe(false);
  });
});
