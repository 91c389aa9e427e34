/** The minimum that accepts a question: Fastify, and the product's own statement over `pg`, without authentication. */
import fastify from 'fastify';
import { Pool } from 'pg';
import { builtInPlans } from '../../test/built-in-plans.ts';
import { acceptQuestion } from '../../server/messages/accept-store.ts';
import { planLimits } from '../../server/plans/limits.ts';
import { queryOf } from './statement.ts';

interface Row {
  readonly messageId: string;
  readonly replyId: string;
  readonly createdAt: Date;
}

const plans = builtInPlans(5);
const catalog = { models: [] };
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const { name, text } = await queryOf((db) =>
  acceptQuestion(db, { userId: 0, roomId: 0, plans, catalog, unfinishedAtMost: 0, content: '', trace: null }),
);
const app = fastify();
app.get('/', async () => 'up');
app.post<{ Params: { room: string }; Body: { content: string }; Headers: { 'x-user': string } }>(
  '/chatroom/:room/message',
  async ({ params, body, headers }, reply) => {
    const values = [headers['x-user'], params.room, planLimits(plans, catalog.models), body.content, null, 0];
    const { rows } = await pool.query<Row>({ name, text, values });
    const { messageId, replyId, createdAt } = rows[0]!;
    reply.code(202);
    return {
      id: Number(messageId),
      content: body.content,
      is_from_user: true,
      created_at: createdAt,
      reply: { id: Number(replyId), status: 'queued' },
    };
  },
);
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
