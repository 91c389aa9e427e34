/** The minimum that stores a file: Fastify and `@fastify/multipart`, which stream it to a flushed file, without authentication. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import multipart from '@fastify/multipart';
import fastify from 'fastify';

const directory = process.env.DIRECTORY!;
const app = fastify();
await app.register(multipart, { limits: { fileSize: Infinity } });
app.get('/', async () => 'up');
app.post('/uploads', async (request, reply) => {
  const part = (await request.file())!;
  const id = randomUUID();
  // A file that is promised must not be lost with the power, so that both sides flush.
  const file = createWriteStream(path.join(directory, id), { flags: 'wx', flush: true });
  await pipeline(part.file, file);
  reply.code(201);
  return { id, name: part.filename, size: file.bytesWritten };
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
