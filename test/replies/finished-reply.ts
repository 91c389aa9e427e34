/** Finished replies, and API processes without a worker, so that replies stay unchanged until a test ends them. */
import { signIn, type Client } from '../client.ts';
import { startProduct, type Place, type RunningProduct } from '../harness.ts';
import { sqlOf, type Sql } from '../sql.ts';

export interface Apis extends AsyncDisposable {
  readonly place: Place;
  readonly running: readonly RunningProduct[];
  readonly sql: Sql;
}

/** Starts processes on one place. Dispose closes them and the place. */
export async function startApis(makePlace: () => Promise<Place>, processes: number): Promise<Apis> {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await makePlace());
  const running: RunningProduct[] = [];
  for (let n = 0; n < processes; n += 1) running.push(opened.use(await startProduct(place, { role: 'api' })));
  const all = opened.move();
  return { place, running, sql: sqlOf(running[0]!), [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** A new account with a question whose reply is complete. */
export async function askAndFinish({ running, sql }: Apis): Promise<{ user: Client; roomId: number; replyId: number }> {
  const user = await signIn(running[0]!.url);
  const roomId = await user.room();
  const replyId: number = (await user.ask(roomId, 'Once more')).body.reply.id;
  await sql(`update replies set status = 'complete', finished_at = now() where message_id = $1`, [replyId]);
  return { user, roomId, replyId };
}
