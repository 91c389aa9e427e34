/** A model that the vendor has removed, over several processes: reported at once, called rarely, recovered automatically. */
import { describe, expect, it } from 'vitest';
import { request, signIn, type Client } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { askAt, distributedPlace } from '../harness.ts';
import { startProcess } from '../processes.ts';
import { services } from '../services.ts';

const retired = 'gemini-retired';
const questions = 10;
const readyWithinMs = 2000;
const healsWithinMs = 10_000;

describe.skipIf(!services.postgres || !services.redis)('a model the vendor does not know', () => {
  it(
    'fails every reply at once, degrades every process, and recovers automatically',
    { timeout: 120_000 },
    async () => {
      await using opened = new AsyncDisposableStack();
      const known = ['gemini-other'];
      const fake = opened.use(await startFakeGemini({ models: known }));
      const place = opened.use(await distributedPlace());
      const settings = { ...place.environment, ...askAt(fake), GEMINI_MODEL: retired, LOG_LEVEL: 'info' };
      const processes = await Promise.all(
        (['api', 'api', 'worker', 'worker'] as const).map((role) => startProcess(settings, role)),
      );
      for (const one of processes) opened.use(one);
      const urls = processes.map(({ url }) => url).filter((url) => url !== '');
      const modelCheck = async (url: string) =>
        (await request('GET', `${url}/health/ready`)).body.checks?.model?.status;
      const everywhere = (status: string, timeout: number) =>
        Promise.all(urls.map((url) => expect.poll(() => modelCheck(url), { timeout }).toBe(status)));

      const users = await Promise.all(Array.from({ length: questions }, () => signIn(urls[0]!)));
      const ask = async (user: Client) => {
        const roomId = await user.room();
        const { body } = await user.ask(roomId, 'Anybody there?');
        return user.waitForReply(roomId, { messageId: body.id });
      };
      await everywhere('ok', readyWithinMs);
      const first = await ask(users[0]!);
      await everywhere('degraded', readyWithinMs);
      expect(first).toMatchObject({ status: 'failed', code: 'model_not_found', attempt: 1 });
      expect(first.content).toMatch(/operator/);

      // Known by now, so that the model is not called for these.
      const replies = await Promise.all(users.map(ask));
      for (const reply of replies) {
        expect(reply).toMatchObject({ status: 'failed', code: 'model_not_found', attempt: 0, content: first.content });
      }
      for (const user of users) expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(0);
      expect(fake.requests().filter(({ question }) => question === 'Anybody there?')).toHaveLength(1);
      const output = processes.map((one) => one.output()).join('');
      expect(output.match(/THE VENDOR DOES NOT KNOW THE MODEL/g)).toHaveLength(1);

      known.push(retired);
      await everywhere('ok', healsWithinMs);
      expect(await ask(users[0]!)).toMatchObject({ status: 'complete' });
    },
  );

  it('is no longer reported after a start with another name', { timeout: 120_000 }, async () => {
    await using fake = await startFakeGemini({ models: ['gemini-other'] });
    await using place = await distributedPlace();
    const settings = { ...place.environment, ...askAt(fake) };
    await using wrong = await startProcess({ ...settings, GEMINI_MODEL: retired });
    const user = await signIn(wrong.url);
    const roomId = await user.room();
    await user.ask(roomId, 'Anybody there?');
    expect(await user.waitForReply(roomId)).toMatchObject({ code: 'model_not_found' });
    await wrong.kill('SIGTERM');
    await using right = await startProcess({ ...settings, GEMINI_MODEL: 'gemini-other' });
    const other = await user.call('POST', `/chatroom/${roomId}/message`, { body: { content: 'Now?' }, url: right.url });
    const answered = await user.waitForReply(roomId, { messageId: other.body.id, url: right.url });
    expect(answered).toMatchObject({ status: 'complete' });
    expect((await request('GET', `${right.url}/health/ready`)).body.checks.model).toEqual({ status: 'ok' });
  });
});
