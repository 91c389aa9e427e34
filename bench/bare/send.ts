/** The minimum that accepts a question: Fastify, and the product's own statement over `pg`, without authentication. */
import fastify from 'fastify';
import { Pool } from 'pg';
import { builtInPlans } from '../../test/built-in-plans.ts';
import { acceptQuestion } from '../../server/messages/accept-store.ts';
import { anyContent, anyRoom, anyUser, fill, queryOf } from './statement.ts';

interface Row {
  readonly messageId: string;
  readonly replyId: string;
  readonly createdAt: Date;
}

const plans = builtInPlans(5);
const catalog = { models: [] };
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const question = { userId: anyUser, roomId: anyRoom, content: anyContent };
const { name, text, values } = await queryOf((db) =>
  acceptQuestion(db, { ...question, plans, catalog, unfinishedAtMost: 0, trace: null }),
);
const app = fastify();
app.get('/', async () => 'up');
app.post<{ Params: { room: string }; Body: { content: string }; Headers: { 'x-user': string } }>(
  '/chatroom/:room/message',
  async ({ params, body, headers }, reply) => {
    const request = new Map<unknown, unknown>([
      [anyUser, headers['x-user']],
      [anyRoom, params.room],
      [anyContent, body.content],
    ]);
    const { rows } = await pool.query<Row>({ name, text, values: fill(values, request) });
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
