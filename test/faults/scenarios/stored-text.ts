/** Stored text: conversations of the longest possible messages do not exhaust a worker's memory. */
import { chainMessages } from '../../fill-room.ts';
import { signInUsers } from '../crowd.ts';
import { settled } from '../ledger.ts';
import { memoryCeilings } from '../memory-ceilings.ts';
import { limitMemory } from '../memory-limit.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { watchFleet } from '../watch-fleet.ts';

const mebibyte = 1024 * 1024;
/** Without what the reader of a file may take. */
const limitMebibytes = 512;
const messagesEach = 200;
const longest = 32_000;
const workers = 2;
const question = 'And now? [[chunks:10]][[delay:100]]';

export const storedText: Scenario = {
  name: 'stored-text',
  promise: 'A worker in 512 MiB survives and answers, whatever text is stored',
  async run(stage, counts) {
    const rooms = counts(60, 60, 8);
    const api = await stage.start('api');
    const crowd = await signInUsers(api.url, rooms, 1);
    await fillRooms(stage);
    const asked = await Promise.all(crowd.map(({ client, rooms: [room] }) => client.ask(room!, question)));
    await using limits = new AsyncDisposableStack();
    let limited = 0;
    const startOne = () => {
      const limit = limitMemory(limitMebibytes * mebibyte);
      if (limit === null) return stage.start('worker');
      limits.use(limit);
      limited++;
      return stage.start('worker', {}, { launcher: limit.launcher });
    };
    const fleet = await Promise.all(Array.from({ length: workers }, startOne));
    const watched = watchFleet(fleet);
    const unfinished = await settled(stage.sql, 120_000);
    const { deaths, peakBytes } = await watched.stop();
    for (const worker of fleet) await worker.kill('SIGKILL');
    const [row] = await stage.sql<{ count: number }>(
      `select count(*)::int as count from replies where message_id = any ($1::bigint[]) and status = 'complete'`,
      [asked.map(({ body }) => body.reply.id)],
    );
    const peak = Math.round(peakBytes / mebibyte);
    return {
      faults: rooms * messagesEach,
      operations: rooms,
      lost: rooms - row!.count,
      doubled: 0,
      worstRecoverySeconds: null,
      broken: [
        ...(unfinished > 0 ? [`${unfinished} replies still unfinished`] : []),
        ...(deaths > 0 ? [`workers died ${deaths} times`] : []),
        ...(peak > memoryCeilings.worker ? [`a worker needed ${peak} MiB`] : []),
      ],
      note:
        `${rooms} rooms of ${messagesEach} messages of ${longest.toLocaleString('en')} emoji, ${workers} workers; peak of one ${peak} MiB, ` +
        (limited === 0 ? 'no limit could be set' : `limited to ${limitMebibytes} MiB by the kernel`),
    };
  },
};

/** Alternating questions and answers of the maximum length. */
async function fillRooms({ sql }: Stage): Promise<void> {
  await sql(
    `insert into messages (chatroom_id, user_id, is_from_user, content)
     select c.id, c.user_id, n % 2 = 1, repeat('😀', ${longest})
     from chatrooms c, generate_series(1, ${messagesEach}) n order by c.id, n`,
  );
  for (const statement of chainMessages) await sql(statement);
  await sql(
    `insert into replies (message_id, question_id, chatroom_id, user_id, status)
     select id, parent_id, chatroom_id, user_id, 'complete' from messages where not is_from_user`,
  );
}
