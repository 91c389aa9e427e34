/** The minimum that returns the newest messages of a room: Fastify, and the product's own query over `pg`. */
import fastify from 'fastify';
import { Pool } from 'pg';
import { listMessages } from '../../server/messages/store.ts';
import { anyRoom, anyUser, fill, queryOf } from './statement.ts';

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const { name, text, values } = await queryOf((db) =>
  listMessages(db, { userId: anyUser, roomId: anyRoom }, { limit: 50, pending: false }),
);
const app = fastify();
app.get('/', async () => 'up');
app.get<{ Params: { room: string }; Headers: { 'x-user': string } }>(
  '/chatroom/:room/messages',
  async ({ params, headers }) => {
    const request = new Map([
      [anyUser, headers['x-user']],
      [anyRoom, params.room],
    ]);
    const { rows } = await pool.query({ name, text, values: fill(values, request) });
    return rows;
  },
);
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
