/** Deletion of an account: its data is inaccessible at once, and erased soon after. */
import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { request, signIn, type Client } from '../client.ts';
import { startProduct, type Place, type RunningProduct } from '../harness.ts';
import { upload } from '../files/upload-client.ts';
import { describeModes } from '../modes.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { newSubscription } from '../push/new-subscription.ts';
import { runDeletions } from './run-deletions.ts';
import { findTraces } from './traces.ts';

async function codeFor(user: Client, url: string): Promise<string> {
  const sent = await request('POST', `${url}/auth/send-otp`, { body: { mobile_number: user.number } });
  return sent.body.otp;
}

async function deleteAccount(user: Client, url: string) {
  return user.call('POST', '/user/deletion', { body: { otp: await codeFor(user, url) } });
}

describeModes('deletion of an account', (mode) => {
  let place: Place;
  let running: RunningProduct;
  let sql: Sql;
  let logged = '';

  beforeAll(async () => {
    place = await mode.place();
    const sink = new Writable({
      write(chunk, _encoding, done) {
        logged += String(chunk);
        done();
      },
    });
    running = await startProduct(place, { log: pino({ level: 'debug' }, sink) });
    sql = sqlOf(running);
  });
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]();
    await place?.[Symbol.asyncDispose]();
  });

  it('leaves no trace of a canary, and others unchanged', async () => {
    const canary = `canary${randomBytes(8).toString('hex')}`;
    const user = await signIn(running.url);
    const neighbour = await signIn(running.url);
    const { id } = (await user.call('GET', '/user/me')).body;
    const roomId = await user.room(canary);
    const asked = await user.ask(roomId, `Say ${canary}`, { 'idempotency-key': canary });
    await user.waitForReply(roomId);
    await user.call('GET', '/chatroom');
    const shared = await user.call('POST', `/chatroom/${roomId}/shares`);
    expect(shared.status).toBe(201);
    await user.call('POST', '/user/memories', { body: { content: canary } });
    await user.call('POST', '/user/push-subscriptions', { body: newSubscription(canary) });
    await user.call('PATCH', '/user/settings', { body: { instructions: canary } });
    expect((await upload(running.url, user, canary, { name: `${canary}.txt` })).status).toBe(201);
    await neighbour.room(`${canary} of the neighbour`);
    expect(await findTraces(canary, place, sql)).toEqual(
      expect.arrayContaining([
        'table messages',
        'table chatrooms',
        'table idempotency_keys',
        'table memories',
        'table push_subscriptions',
        'table user_settings',
        'table shares',
        'table files',
        'table file_texts',
      ]),
    );
    expect(await findTraces(user.number, place, sql)).toEqual(['table users']);

    expect(await deleteAccount(user, running.url)).toMatchObject({ status: 204 });
    expect((await user.call('GET', '/user/me')).status).toBe(401);
    const token = String(shared.body.url).split('/').at(-1)!;
    expect((await request('GET', `${running.url}/shared/${token}`)).status).toBe(404);
    await runDeletions(running);
    const left = await findTraces(canary, place, sql);
    expect(left).toContain('table chatrooms');
    await sql('delete from chatrooms where name = $1', [`${canary} of the neighbour`]);
    await running.product.parts.feed.forget((await neighbour.call('GET', '/user/me')).body.id);
    expect(await findTraces(canary, place, sql)).toEqual([]);
    expect(await findTraces(user.number, place, sql)).toEqual([]);
    expect(logged).not.toContain(canary);
    expect(logged).not.toContain(user.number);
    expect(logged).toContain('account_deleted');
    expect(await sql('select from users where id = $1', [id])).toEqual([]);
    expect(await sql('select from usage_entries where user_id = $1', [id])).toEqual([]);
    expect(
      await sql('select user_id, cost_micros from usage_entries where message_id = $1', [asked.body.reply.id]),
    ).toEqual([{ user_id: null, cost_micros: expect.any(Number) }]);
    const audit = await sql('select * from account_deletions order by id desc limit 1');
    expect(audit).toEqual([
      { id: 1, requested_at: expect.any(Date), user_id: null, erased_at: expect.any(Date), customer_id: null },
    ]);
  });

  it('cancels replies, ends feeds with session.ended, and requires the right code once', async () => {
    const user = await signIn(running.url);
    const wrong = await user.call('POST', '/user/deletion', { body: { otp: '000000x' } });
    expect(wrong).toMatchObject({ status: 400, body: { code: 'invalid_code' } });
    const roomId = await user.room();
    await using feed = await user.events();
    await user.ask(roomId, 'Write a long story');
    expect(await deleteAccount(user, running.url)).toMatchObject({ status: 204 });
    await feed.ended;
    expect(feed.received.at(-1)!.event).toEqual({ type: 'session.ended', reason: 'account_deleted' });
    const refreshed = await request('POST', `${running.url}/auth/refresh`, {
      body: { refresh_token: user.tokens.refresh_token },
    });
    expect(refreshed.status).toBe(401);
    await runDeletions(running);
    expect(await sql('select from messages where chatroom_id = $1', [roomId])).toEqual([]);
  });

  it('keeps the daily count of the number, and nothing else', async () => {
    const user = await signIn(running.url);
    const roomId = await user.room();
    for (const content of ['one', 'two']) expect((await user.ask(roomId, content)).status).toBe(202);
    expect(await deleteAccount(user, running.url)).toMatchObject({ status: 204 });
    const again = await signIn(running.url, { number: user.number });
    expect((await again.call('GET', '/subscribe/status')).body).toMatchObject({
      tier: 'Basic',
      messages_used_today: 2,
    });
    expect((await again.call('GET', '/chatroom')).body).toEqual([]);
    await runDeletions(running);
    expect((await again.call('GET', '/subscribe/status')).body.messages_used_today).toBe(2);
  });
});
