/** The minimum that returns a list of rooms: Fastify, and the list as text. */
import fastify from 'fastify';

const body = process.env.BODY ?? '[]';
const app = fastify();
app.get('/', async () => 'up');
app.get('/chatroom', async (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
