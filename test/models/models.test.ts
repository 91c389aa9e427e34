/** Models of an account's plan, and the default when a model is not available any more. */
import { describe, expect } from 'vitest';
import type { Client } from '../client.ts';
import { catalogFile } from '../catalog-file.ts';
import { productTest } from '../fixtures.ts';
import type { Sql } from '../sql.ts';

const it = productTest({ environment: { CATALOG: catalogFile() } });

const setTier = (sql: Sql, user: Client, tier: string) =>
  sql(`update users set tier = $2 where mobile_number = $1`, [user.number, tier]);

describe('the models', () => {
  it('are those of the plan, its default first, then those of other plans, and answer 304', async ({ user, sql }) => {
    const free = await user.call('GET', '/models');
    expect(free.body).toEqual([
      { id: 'fast', label: 'Fast', takes: ['image', 'pdf'], context_tokens: 128_000, default: true, available: true },
      { id: 'deep', label: 'Deep', takes: [], context_tokens: 200_000, default: false, available: false },
      { id: 'local', label: 'On this machine', takes: [], context_tokens: 8192, default: false, available: false },
    ]);
    const headers = { 'if-none-match': free.headers.get('etag')! };
    expect((await user.call('GET', '/models', { headers })).status).toBe(304);
    await setTier(sql, user, 'Max');
    expect((await user.call('GET', '/models', { headers })).body).toMatchObject([
      { id: 'deep', default: true, available: true },
      { id: 'fast', default: false, available: true },
      { id: 'local', default: false, available: false },
    ]);
  });
});

describe('a model', () => {
  it('of another plan is refused, an unknown one too, and nothing is charged', async ({ user }) => {
    const roomId = await user.room();
    const message = `/chatroom/${roomId}/message`;
    const asked = await user.call('POST', message, { body: { content: 'Why?' } });
    const reply = await user.waitForReply(roomId);
    const ways: [string, string, object][] = [
      ['POST', message, { content: 'Why?' }],
      ['POST', `/chatroom/${roomId}/messages/${asked.body.reply.id}/regenerate`, {}],
      ['PATCH', `/chatroom/${roomId}`, {}],
    ];
    for (const [method, path, body] of ways) {
      const refused = await user.call(method, path, { body: { ...body, model: 'deep' } });
      expect(refused, path).toMatchObject({ status: 403, body: { code: 'plan_required' } });
      const unknown = await user.call(method, path, { body: { ...body, model: 'slow' } });
      expect(unknown, path).toMatchObject({ status: 422, body: { errors: [{ pointer: '/model' }] } });
    }
    const headers = { 'idempotency-key': 'of-another-plan' };
    const keyed = await user.call('POST', message, { headers, body: { content: 'Why?', model: 'deep' } });
    expect(keyed).toMatchObject({ status: 403, body: { code: 'plan_required' } });
    expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(1);
    expect(reply).toMatchObject({ model: 'fast', fallback_from: null });
  });

  it('that is no longer in the plan stays with the room, and the default answers instead', async ({ user, sql }) => {
    const roomId = await user.room();
    await setTier(sql, user, 'Plus');
    const set = await user.call('PATCH', `/chatroom/${roomId}`, { body: { model: 'deep' } });
    expect(set).toMatchObject({ status: 200, body: { model: 'deep' } });
    await using feed = await user.events();
    await user.ask(roomId, 'One?');
    expect(await user.waitForReply(roomId)).toMatchObject({ model: 'deep', fallback_from: null });
    await setTier(sql, user, 'Free');
    expect((await user.call('GET', `/chatroom/${roomId}/context`)).body.model).toBe('fast');
    const { body } = await user.ask(roomId, 'Two?');
    const { event } = await feed.next(
      ({ type, message_id }) => type === 'reply.started' && message_id === body.reply.id,
    );
    expect(event).toMatchObject({ model: 'fast', fallback_from: 'deep' });
    const reply = await user.waitForReply(roomId, { messageId: body.id });
    expect(reply).toMatchObject({ model: 'fast', fallback_from: 'deep' });
    expect((await user.call('GET', `/chatroom/${roomId}`)).body.model).toBe('deep');
  });

  it('named in a message answers only that message', async ({ user, sql }) => {
    const roomId = await user.room();
    await setTier(sql, user, 'Plus');
    const { body } = await user.call('POST', `/chatroom/${roomId}/message`, {
      body: { content: 'One?', model: 'deep' },
    });
    expect(await user.waitForReply(roomId, { messageId: body.id })).toMatchObject({ model: 'deep' });
    const next = await user.ask(roomId, 'Two?');
    expect(await user.waitForReply(roomId, { messageId: next.body.id })).toMatchObject({ model: 'fast' });
  });

  it('that was removed from the catalog is replaced by the default of the plan', async ({ user, sql }) => {
    const roomId = await user.room();
    await setTier(sql, user, 'Max');
    await sql(`update chatrooms set model = 'gone' where id = $1`, [roomId]);
    const { body } = await user.ask(roomId, 'One?');
    const reply = await user.waitForReply(roomId, { messageId: body.id });
    expect(reply).toMatchObject({ model: 'deep', fallback_from: 'gone' });
  });
});
