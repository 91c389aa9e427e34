/** Titles and summaries whose worker is killed: created once by another worker, published once, and not charged. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, type Client, type EventStream } from '../client.ts';
import type { RecordedRequest } from '../fakes/gemini-journal.ts';
import { isSummaryRequest } from '../fakes/gemini-summary.ts';
import { isTitleRequest } from '../fakes/gemini-title.ts';
import { scaled } from '../fault-scale.ts';
import { askAt, distributedPlace } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { services } from '../services.ts';
import { connectSql, type SqlConnection } from '../sql.ts';
import { startArrangement, type Running } from './arrangements.ts';

const settings = { BASIC_DAILY_LIMIT: '1000', CONTEXT_TOKEN_BUDGET: '800' };

describe.skipIf(!services.postgres || !services.redis)('a worker killed in its background work', () => {
  let running: Running;
  let sql: SqlConnection;
  let worker: RunningProcess;
  beforeAll(async () => {
    running = await startArrangement({ place: distributedPlace, roles: ['api', 'worker'] }, settings);
    sql = await connectSql(running.place);
    worker = running.processes[1]!;
    // The first call for each is never answered.
    running.fake.respond((request) => {
      if (!isTitleRequest(request) && !isSummaryRequest(request)) return null;
      if (request.asking === 1) return { kind: 'answer', broken: { chunks: 0, how: 'hang' } };
      return isTitleRequest(request) ? null : { kind: 'answer', parts: [{ text: 'They talked.' }] };
    });
  });
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
    await sql?.[Symbol.asyncDispose]();
    await running?.[Symbol.asyncDispose]();
  });

  const asked = (is: (request: RecordedRequest) => boolean, word: string) =>
    running.fake.requests().filter((request) => is(request) && request.question.includes(word));
  async function ask(user: Client, roomId: number, question: string) {
    const { body: sent } = await user.ask(roomId, question);
    expect((await user.waitForReply(roomId, { messageId: sent.id })).status).toBe('complete');
  }
  /** Skips the time after which a dead worker's jobs are retried. */
  async function passTime() {
    await sql.sql(`update pollux_jobs.job set started_on = started_on - interval '1 day', heartbeat_on = heartbeat_on - interval '1 day'
      where state = 'active' and name in ('room-title', 'conversation-summary')`);
    const retried = () =>
      sql.sql(`select from pollux_jobs.job where state = 'active' and name in ('room-title', 'conversation-summary')`);
    await expect.poll(retried, { timeout: 20_000 }).toEqual([]);
    await sql.sql(`update pollux_jobs.job set start_after = now() where state = 'retry'`);
  }
  const namings = ({ received }: EventStream) =>
    received.filter(({ event }) => event.type === 'chatroom.updated').map(({ event }) => event);

  it('loses neither title nor summary, and creates none twice', { timeout: 120_000 }, async () => {
    for (let round = 0; round < scaled(1); round += 1) {
      const word = `Round${round}`;
      const user = await signIn(running.urls[0]);
      await using events = await user.events();
      const roomId: number = (await user.call('POST', '/chatroom', { body: {} })).body.id;
      for (let n = 0; n < 4; n += 1) await ask(user, roomId, `${word} question ${n} ${'q'.repeat(480)} [[chunks:1]]`);
      await expect.poll(() => asked(isTitleRequest, word).length, { timeout: 15_000 }).toBe(1);
      await expect.poll(() => asked(isSummaryRequest, word).length, { timeout: 15_000 }).toBe(1);
      await worker.kill('SIGKILL');
      worker = await startProcess({ ...running.place.environment, ...askAt(running.fake), ...settings }, 'worker');
      await passTime();
      await events.next(({ type }) => type === 'chatroom.updated', 20_000);
      const summary = async () => (await user.call('GET', `/chatroom/${roomId}/context`)).body.summary?.text;
      await expect.poll(summary, { timeout: 20_000 }).toBe('They talked.');
      const name = `About ${word} question 0 q`;
      expect((await user.call('GET', '/chatroom')).body[0].name).toMatch(name);
      expect(namings(events)).toMatchObject([{ chatroom: { name_source: 'auto' } }]);
      expect(asked(isTitleRequest, word)).toHaveLength(2);
      const rows = `select from summaries s join messages m on m.id = s.message_id where m.chatroom_id = $1`;
      expect(await sql.sql(rows, [roomId])).toHaveLength(1);
      expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(4);
    }
  });
});
