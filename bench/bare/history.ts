/** The minimum that returns the newest messages of a room: Fastify, and the product's own query over `pg`. */
import fastify from 'fastify';
import { Pool } from 'pg';
import { listMessages } from '../../server/messages/store.ts';
import { queryOf } from './statement.ts';

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const { name, text } = await queryOf((db) => listMessages(db, { userId: 0, roomId: 0 }, { limit: 0, pending: false }));
const app = fastify();
app.get('/', async () => 'up');
app.get<{ Params: { room: string }; Headers: { 'x-user': string } }>(
  '/chatroom/:room/messages',
  async ({ params, headers }) => {
    const { rows } = await pool.query({ name, text, values: [headers['x-user'], params.room, false, 50] });
    return rows;
  },
);
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
