/** Memories of a user: stored, listed, changed, switched off, and visible to that user only. */
import { expect } from 'vitest';
import { readInstructionsAndMemories } from '../../server/memories/store.ts';
import { signIn, type Client } from '../client.ts';
import { productTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';
import { expectProblem } from '../contract/problem.ts';

const testIn = (mode: Mode) =>
  productTest({ mode })
    // What the prompt of this user's next question contains.
    .extend('known', ({ running }) => async (user: Client) => {
      const { body } = await user.call('GET', '/user/me');
      const [row] = await readInstructionsAndMemories(running.product.parts.db, [body.id]);
      return { instructions: row?.instructions, memories: row?.memories };
    });

testModes('memories', testIn, (it) => {
  const remember = (user: Client, content: string) => user.call('POST', '/user/memories', { body: { content } });
  const contents = async (user: Client) =>
    (await user.call('GET', '/user/memories')).body.map((one: { content: string }) => one.content);
  const change = (user: Client, body: object) => user.call('PATCH', '/user/settings', { body });

  it('are added, listed oldest first, changed and deleted, each with an event', async ({ user }) => {
    await using live = await user.events();
    const first = await remember(user, 'I am a vegetarian.');
    expect(first.status).toBe(201);
    expect(first.headers.get('location')).toBe(`/user/memories/${first.body.id}`);
    expect(first.body).toEqual({
      id: first.body.id,
      content: 'I am a vegetarian.',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    const second = await remember(user, 'I live in Nairobi.');
    const changed = await user.call('PATCH', `/user/memories/${first.body.id}`, { body: { content: 'I eat fish.' } });
    expect([changed.status, changed.body]).toEqual([200, { ...first.body, content: 'I eat fish.' }]);
    expect(await contents(user)).toEqual(['I eat fish.', 'I live in Nairobi.']);
    expect((await user.call('DELETE', `/user/memories/${second.body.id}`)).status).toBe(204);
    expect(await contents(user)).toEqual(['I eat fish.']);
    await expect
      .poll(() => live.received.map(({ event }) => event))
      .toEqual(Array.from({ length: 4 }, () => ({ type: 'user.changed', what: 'memories' })));
  });

  it('have at most 500 characters, counted in code points', async ({ user }) => {
    expect((await remember(user, '🍏'.repeat(500))).status).toBe(201);
    expectProblem(await remember(user, '🍏'.repeat(501)), 422);
    expectProblem(await remember(user, ''), 422);
  });

  it('are at most 100, also with concurrent additions', async ({ url, user }) => {
    const other = await signIn(url);
    for (let n = 0; n < 90; n += 1) await remember(user, `Fact ${n}`);
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => remember(user, `Late fact ${n}`)));
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(20);
    for (const answer of refused) expect(expectProblem(answer, 409)).toBe('limit_reached');
    const kept = await contents(user);
    expect(kept).toHaveLength(100);
    // The limit is per account, and applies to the current number.
    expect((await remember(other, 'Mine')).status).toBe(201);
    const [{ id }] = (await user.call('GET', '/user/memories')).body;
    await user.call('DELETE', `/user/memories/${id}`);
    expect((await remember(user, 'One more')).status).toBe(201);
  });

  it('are accessible to their owner only', async ({ url, user: owner, known }) => {
    const stranger = await signIn(url);
    const { body } = await remember(owner, 'A secret');
    const path = `/user/memories/${body.id}`;
    expectProblem(await stranger.call('PATCH', path, { body: { content: 'Mine' } }), 404);
    expectProblem(await stranger.call('DELETE', path), 404);
    expect(await contents(stranger)).toEqual([]);
    expect(await contents(owner)).toEqual(['A secret']);
    expect(await known(stranger)).toEqual({ instructions: null, memories: [] });
  });

  it('are sent to the model with the instructions, unless switched off', async ({ user, known }) => {
    await remember(user, 'I am a vegetarian.');
    await remember(user, 'I live in Nairobi.');
    const memories = ['I am a vegetarian.', 'I live in Nairobi.'];
    expect(await known(user)).toEqual({ instructions: null, memories });
    await change(user, { instructions: 'Answer briefly.' });
    expect(await known(user)).toEqual({ instructions: 'Answer briefly.', memories });
    await change(user, { memory_enabled: false });
    expect(await known(user)).toEqual({ instructions: 'Answer briefly.', memories: [] });
    expect(await contents(user)).toEqual(memories);
    await change(user, { memory_enabled: true, instructions: null });
    expect(await known(user)).toEqual({ instructions: null, memories });
  });

  it('have settings that are changed one by one, each with an event', async ({ user }) => {
    const unchanged = { instructions: null, memory_enabled: true, language: null, push_quiet: null };
    expect((await user.call('GET', '/user/settings')).body).toEqual(unchanged);
    await using live = await user.events();
    expect((await change(user, {})).body).toEqual(unchanged);
    expect((await change(user, { language: 'pt-BR' })).body).toEqual({ ...unchanged, language: 'pt-BR' });
    const instructions = '簡'.repeat(4000);
    expect((await change(user, { instructions })).body).toEqual({ ...unchanged, instructions, language: 'pt-BR' });
    const quiet = { instructions, memory_enabled: false, language: null, push_quiet: null };
    expect((await change(user, { memory_enabled: false, language: null })).body).toEqual(quiet);
    expect((await user.call('GET', '/user/settings')).body).toEqual(quiet);
    for (const wrong of [{ instructions: 'x'.repeat(4001) }, { memory_enabled: null }, { language: 'no language' }]) {
      expectProblem(await change(user, wrong), 422);
    }
    await live.next(({ type, what }) => type === 'user.changed' && what === 'settings');
  });

  it('are distinguished in events from sessions, whose end is published to the remaining devices', async ({
    url,
    user,
  }) => {
    const second = await signIn(url, { number: user.number });
    await using live = await user.events();
    await second.call('POST', '/auth/logout');
    expect((await live.next(({ type }) => type === 'user.changed')).event).toEqual({
      type: 'user.changed',
      what: 'sessions',
    });
  });
});
