/** The whole journey of a user with `fetch`, on real processes in every arrangement. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, freshNumber, openEventStream, request, type Client, type EventStream } from '../client.ts';
import { upload } from '../files/upload-client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { liveReply } from '../live-reply.ts';
import { arrangements, startArrangement, type Running } from './arrangements.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

for (const arrangement of arrangements) {
  describe.skipIf(!arrangement.possible)(`the journey, ${arrangement.name}`, () => {
    let running: Running;
    let here: string;
    let there: string;
    let user: Client;
    let roomId: number;
    let live: readonly EventStream[];

    beforeAll(async () => {
      running = await startArrangement(arrangement);
      [here, there] = running.urls;
    });
    afterAll(async () => {
      for (const stream of live ?? []) await stream[Symbol.asyncDispose]();
      await running?.[Symbol.asyncDispose]();
    });

    it('signs up, requests a code and exchanges it for tokens', async () => {
      const mobile_number = freshNumber();
      const signedUp = await request('POST', `${here}/auth/signup`, { body: { mobile_number } });
      expect([signedUp.status, signedUp.body.mobile_number]).toEqual([201, mobile_number]);
      const sent = await request('POST', `${here}/auth/send-otp`, { body: { mobile_number } });
      expect(sent.status).toBe(200);
      const { otp } = sent.body;
      const verified = await request('POST', `${there}/auth/verify-otp`, { body: { mobile_number, otp } });
      expect(verified).toMatchObject({ status: 200, body: { token_type: 'bearer', expires_in: 86_400 } });
      user = clientOf(here, mobile_number, verified.body);
      const me = await user.call('GET', '/user/me', { url: there });
      expect(me.body).toMatchObject({
        mobile_number,
        subscription_tier: 'Basic',
        daily_message_count: 0,
        role: 'user',
      });
    });

    it('creates a room and follows the feed at both processes', async () => {
      const made = await user.call('POST', '/chatroom', { body: { name: 'Mountains' }, url: there });
      roomId = made.body.id;
      expect([made.status, made.headers.get('location')]).toEqual([201, `/chatroom/${roomId}`]);
      const list = await user.call('GET', '/chatroom');
      const { instructions, ...listed } = made.body;
      expect([instructions, list.body]).toEqual([null, [listed]]);
      const { body } = await user.call('POST', '/events/ticket', { url: there });
      live = [await user.events(), await openEventStream(`${there}/events?ticket=${body.ticket}`, {})];
    });

    it('asks, receives the streamed answer, and finds the same text stored', async () => {
      const question = 'How tall is Kilimanjaro? [[chunks:20]][[delay:30]]';
      const accepted = await user.ask(roomId, question);
      const { id: replyId } = accepted.body.reply;
      expect(accepted).toMatchObject({ status: 202, body: { is_from_user: true, reply: { status: 'queued' } } });
      expect(accepted.headers.get('location')).toBe(`/chatroom/${roomId}/messages/${replyId}`);
      const polled = await user.waitForReply(roomId, { url: there });
      const replies = await Promise.all(
        live.map(async (stream) => {
          await stream.next((event) => event.type === 'reply.completed' && event.message_id === replyId);
          return liveReply(stream.received, replyId);
        }),
      );
      expect(polled).toMatchObject({ id: replyId, content: answerText(question, 20), status: 'complete' });
      expect(polled.model).toBe('gemini-3.5-flash-lite');
      for (const reply of replies) expect(reply).toMatchObject({ text: polled.content, resets: 0, attempt: 1 });
      expect(replies[0]!.deltas).toBeGreaterThan(3);
    });

    it('shows no empty or unfinished reply to a polling client', async () => {
      const { body: sent } = await user.ask(roomId, 'And in feet? [[chunks:10]][[delay:60]]');
      const seen: { content: string; status: string }[] = [];
      await expect
        .poll(
          async () => {
            const { body } = await user.call('GET', `/chatroom/${roomId}/messages`);
            const reply = body.find((entry: { in_reply_to: number }) => entry.in_reply_to === sent.id);
            if (reply) seen.push(reply);
            return reply?.status;
          },
          { timeout: 15_000 },
        )
        .toBe('complete');
      expect(seen.every(({ content, status }) => content !== '' && status === 'complete')).toBe(true);
    });

    it('sends the conversation so far to the model', () => {
      const asked = running.fake.requests().at(-1)!;
      const first = 'How tall is Kilimanjaro? [[chunks:20]][[delay:30]]';
      expect(asked.contents.map(({ role, parts }) => [role, parts[0]!.text])).toEqual([
        ['user', first],
        ['model', answerText(first, 20)],
        ['user', 'And in feet? [[chunks:10]][[delay:60]]'],
      ]);
    });

    it('uploads a picture and asks about it', async () => {
      const sent = await upload(there, user, new Uint8Array(png), { name: 'peak.png' });
      expect(sent.status).toBe(201);
      const { body } = await user.call('POST', `/chatroom/${roomId}/message`, {
        body: { content: 'Which mountain is this?', attachment_ids: [sent.body.id] },
      });
      const polled = await user.waitForReply(roomId, { messageId: body.id, url: there });
      expect(polled.status).toBe('complete');
      const { parts } = running.fake
        .requests()
        .findLast(({ question }) => question.endsWith('is this?'))!
        .contents.at(-1)!;
      expect(parts.map(({ text, inlineData }) => text ?? inlineData?.mimeType)).toEqual([
        '[The next part is the file "peak.png".]\n',
        expect.stringMatching(/^image\//),
        'Which mountain is this?',
      ]);
      const { body: list } = await user.call('GET', `/chatroom/${roomId}/messages`);
      expect(list.at(-2).attachments).toMatchObject([{ id: sent.body.id, name: 'peak.png', deleted: false }]);
    });

    it('renames, lists by latest activity, and deletes', async () => {
      const second = await user.room('Rivers');
      const names = async (url: string) => {
        const { body } = await user.call('GET', '/chatroom', { url });
        return body.map((room: { name: string }) => room.name);
      };
      expect(await names(there)).toEqual(['Rivers', 'Mountains']);
      const renamed = await user.call('PATCH', `/chatroom/${roomId}`, { body: { name: 'Peaks' } });
      expect([renamed.status, renamed.body.name]).toEqual([200, 'Peaks']);
      expect(await names(there)).toEqual(['Peaks', 'Rivers']);
      expect((await user.ask(second, 'Which is the longest?')).status).toBe(202);
      expect(await names(there)).toEqual(['Rivers', 'Peaks']);
      expect((await user.call('DELETE', `/chatroom/${roomId}`, { url: there })).status).toBe(204);
      expect(await names(here)).toEqual(['Rivers']);
      expect((await user.call('GET', `/chatroom/${roomId}/messages`)).status).toBe(404);
      await live[1]!.next((event) => event.type === 'chatroom.deleted' && event.chatroom_id === roomId);
    });

    it('refreshes, and signs out in every process within a second', async () => {
      const { refresh_token } = user.tokens;
      const fresh = await request('POST', `${there}/auth/refresh`, { body: { refresh_token } });
      expect(fresh.status).toBe(200);
      const renewed = clientOf(here, user.number, fresh.body);
      expect((await renewed.call('GET', '/user/me')).body.daily_message_count).toBe(4);
      const endedAt = Date.now();
      expect((await renewed.call('POST', '/auth/logout')).status).toBe(204);
      await expect.poll(async () => (await renewed.call('GET', '/user/me', { url: there })).status).toBe(401);
      await Promise.all(live.map((stream) => stream.ended));
      expect(Date.now() - endedAt).toBeLessThan(1000);
      const again = await request('POST', `${there}/auth/refresh`, {
        body: { refresh_token: fresh.body.refresh_token },
      });
      expect([again.status, again.body.code]).toEqual([401, 'invalid_token']);
    });
  });
}
