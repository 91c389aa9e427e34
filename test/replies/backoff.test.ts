/** The wait grows with each failed attempt. */
import { expect } from 'vitest';
import { askingTest } from '../fixtures.ts';

const it = askingTest();

it('quadruples the wait from attempt to attempt', async ({ gemini, sql, user }) => {
  const roomId = await user.room();
  await using live = await user.events();
  const question = 'Overloaded for long [[fail:503]]';
  const { body } = await user.ask(roomId, question);
  const replyId: number = body.reply.id;
  for (let attempt = 1; attempt <= 4; attempt++) {
    await live.next((event) => event.type === 'reply.reset' && event.attempt === attempt);
    const [row] = await sql<{ at: Date }>('select next_attempt_at as at from replies where message_id = $1', [replyId]);
    const { endedAt } = gemini.requests().filter((asked) => asked.question === question)[attempt - 1]!;
    const waitMs = row!.at.getTime() - endedAt!;
    // Half of it is random, and no wait is longer than half a minute.
    expect(waitMs).toBeGreaterThanOrEqual(Math.min(15_000, 250 * 4 ** (attempt - 1)));
    // Ends the wait, which would be over later, to save time.
    await sql('update replies set next_attempt_at = now() where message_id = $1', [replyId]);
  }
  await user.call('POST', `/chatroom/${roomId}/messages/${replyId}/cancel`);
});
