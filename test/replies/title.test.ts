/** A room without a name gets one after its first reply: in the background, once, free, and never replacing a user's name. */
import { expect } from 'vitest';
import type { Behaviour } from '../fakes/gemini-behaviour.ts';
import { isTitleRequest } from '../fakes/gemini-title.ts';
import { titleDue } from '../../server/replies/title.ts';
import { askingTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';

const testIn = (mode: Mode) =>
  askingTest({ mode, environment: { BASIC_DAILY_LIMIT: '1000' } })
    .extend('roomId', async ({ user }): Promise<number> => (await user.call('POST', '/chatroom', { body: {} })).body.id)
    .extend('events', async ({ user }, { onCleanup }) => {
      const events = await user.events();
      onCleanup(() => events[Symbol.asyncDispose]());
      return events;
    })
    .extend(
      'room',
      ({ user, roomId }) =>
        async () =>
          (await user.call('GET', `/chatroom/${roomId}`)).body,
    )
    .extend(
      'listed',
      ({ user, roomId }) =>
        async () =>
          (await user.call('GET', '/chatroom')).body.find(({ id }: { id: number }) => id === roomId),
    )
    .extend('named', ({ events }) => () => {
      return events.next(({ type, chatroom }) => type === 'chatroom.updated' && chatroom.name_source === 'auto');
    })
    .extend(
      'titles',
      ({ gemini }) =>
        () =>
          gemini.requests().filter(isTitleRequest),
    )
    .extend('ask', ({ user, roomId }) => async (question: string, inRoom = roomId) => {
      const { body: sent } = await user.ask(inRoom, question);
      return user.waitForReply(inRoom, { messageId: sent.id });
    })
    // Resolves when no title is pending.
    .extend('settled', ({ sql, roomId }) => async (inRoom = roomId) => {
      const jobs = `select from pollux_jobs.job where name = 'room-title' and state in ('created', 'active', 'retry')`;
      await expect.poll(() => sql(`${jobs} and singleton_key = '${inRoom}'`)).toEqual([]);
    });

testModes('a title', testIn, (it) => {
  let titleBehaviour: Behaviour | null;
  it.beforeEach(({ gemini }) => {
    gemini.clear();
    titleBehaviour = null;
    gemini.respond((request) => (isTitleRequest(request) ? titleBehaviour : null));
  });

  it('is generated from the first question and its answer, published, shown in lists, and not charged', async ({
    user,
    roomId,
    room,
    listed,
    named,
    titles,
    ask,
    settled,
  }) => {
    expect(await listed()).toMatchObject({ name: 'New chat', name_source: 'default' });
    await ask('Which trees grow in Kenya?');
    const { event } = await named();
    expect(event).toMatchObject({ chatroom_id: roomId, chatroom: { name: 'About Which trees grow in Kenya?' } });
    expect(await listed()).toMatchObject({ name: 'About Which trees grow in Kenya?', name_source: 'auto' });
    const { updated_at: active, ...shown } = await room();
    expect(event).toMatchObject({ chatroom: { ...shown, updated_at: active } });
    const [message] = (await user.call('GET', `/chatroom/${roomId}/messages`)).body;
    expect(Date.parse(active)).toBeLessThan(Date.parse(message.created_at) + 1000);
    const [asked] = titles();
    expect(asked!.question).toMatch(
      /^<conversation>\nUser: Which trees grow in Kenya\?\n\nAssistant: Answer to [^]+\n<\/conversation>$/,
    );
    expect(asked!.contents).toHaveLength(1);
    expect(asked!.config.maxOutputTokens).toBeLessThan(1200);
    expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(1);
    await ask('And in Uganda?');
    await settled();
    expect(titles()).toHaveLength(1);
    expect((await room()).name).toBe('About Which trees grow in Kenya?');
  });

  it("is generated from the beginning of long texts, in the user's language", async ({ user, named, titles, ask }) => {
    await user.call('PATCH', '/user/settings', { body: { language: 'es' } });
    await ask(`¿${'árbol '.repeat(2000)}</conversation> end`);
    await named();
    expect(titles()[0]!.question).not.toContain('end');
    expect(titles()[0]!.question.length).toBeLessThan(4200);
    expect(titles()[0]!.system).toContain(
      'language that the user writes in. If you cannot tell, use the language with the BCP 47 tag es.',
    );
  });

  it('is one plain line, with any answer of the model', async ({ room, named, ask }) => {
    titleBehaviour = {
      kind: 'answer',
      parts: [{ text: '# **Title: ' }, { text: `"Trees ${'and trees '.repeat(40)}"**\n\nIt is` }],
    };
    await ask('Trees');
    await named();
    const { name } = await room();
    expect(name).toMatch(/^Trees and trees [a-z ]+…$/);
    expect(Array.from(name).length).toBeLessThanOrEqual(60);
  });

  it('never replaces a name given by a user, also when it comes late', async ({
    user,
    roomId,
    events,
    room,
    titles,
    ask,
    settled,
  }) => {
    titleBehaviour = { kind: 'answer', firstDelayMs: 1500, parts: [{ text: 'Late' }] };
    await ask('Which name stays?');
    await expect.poll(() => titles().length).toBe(1);
    await user.call('PATCH', `/chatroom/${roomId}`, { body: { name: 'Mine' } });
    await settled();
    expect(titles()[0]!.endedAt).not.toBeNull();
    expect(await room()).toMatchObject({ name: 'Mine', name_source: 'user' });
    expect(events.received.filter(({ event }) => event.type === 'chatroom.updated')).toHaveLength(1);
  });

  it('is not requested for a room with a name', async ({ user, titles, ask, settled }) => {
    const named = await user.room('Named');
    await ask('Any title?', named);
    await settled(named);
    expect(titles()).toEqual([]);
  });

  it('that the vendor refuses, or that is empty, leaves the room unchanged until the next answer', async ({
    room,
    named,
    titles,
    ask,
    settled,
  }) => {
    titleBehaviour = { kind: 'error', status: 400 };
    await ask('Refused');
    await settled();
    titleBehaviour = { kind: 'answer', parts: [{ text: ' ""\n**' }] };
    await ask('Empty');
    await settled();
    expect(titles()).toHaveLength(2);
    expect(await room()).toMatchObject({ name: 'New chat', name_source: 'default' });
    titleBehaviour = { kind: 'answer', parts: [{ text: 'At last' }] };
    await ask('Third');
    await named();
    expect(await room()).toMatchObject({ name: 'At last', name_source: 'auto' });
  });

  it('is not generated after a failed reply, but after a cancelled one', async ({
    user,
    roomId,
    events,
    room,
    named,
    titles,
    ask,
    settled,
  }) => {
    expect(await ask('Fails [[fail:400]]')).toMatchObject({ status: 'failed' });
    await settled();
    expect(titles()).toEqual([]);
    const { body: sent } = await user.ask(roomId, 'Stop me [[chunks:500]][[delay:50]]');
    await events.next(({ type, message_id: id }) => type === 'reply.delta' && id === sent.reply.id);
    await user.call('POST', `/chatroom/${roomId}/messages/${sent.reply.id}/cancel`);
    await named();
    expect((await room()).name).toBe('About Stop me');
  });

  it('is published again by the worker that takes over the job of a dead one', async ({
    running,
    sql,
    roomId,
    events,
    listed,
    named,
    titles,
    ask,
    settled,
  }) => {
    await ask('Named already');
    await named();
    await listed();
    // As if the worker had died between its last two steps.
    await sql(`update chatrooms set name = 'Written' where id = ${roomId}`);
    const [reply] = await sql<{ id: number }>(`select head_id as id from chatrooms where id = ${roomId}`);
    await settled();

    await running.product.parts.jobs.transaction([titleDue], async (_, send) =>
      send(titleDue, { roomId, replyId: reply!.id }),
    );
    await events.next(({ type, chatroom }) => type === 'chatroom.updated' && chatroom.name === 'Written');
    expect((await listed()).name).toBe('Written');
    expect(titles()).toHaveLength(1);
  });
});
