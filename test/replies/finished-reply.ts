/** Finished replies of a product without a worker, so that replies stay unchanged until a test ends them. */
import { signIn, type Client } from '../client.ts';
import { productTest } from '../fixtures.ts';
import type { Sql } from '../sql.ts';

export interface FinishedReply {
  readonly user: Client;
  readonly roomId: number;
  readonly replyId: number;
}

/** A new account with a question whose reply is complete. */
export async function askAndFinish(url: string, sql: Sql): Promise<FinishedReply> {
  const user = await signIn(url);
  const roomId = await user.room();
  const replyId: number = (await user.ask(roomId, 'Once more')).body.reply.id;
  await sql(`update replies set status = 'complete', finished_at = now() where message_id = $1`, [replyId]);
  return { user, roomId, replyId };
}

/** `it` with API processes only; `finished` is a new account's reply in each test. */
export function finishedReplyTest() {
  return productTest({ role: 'api' }).extend('finished', ({ sql, url }) => askAndFinish(url, sql));
}
