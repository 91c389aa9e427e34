/** The minimum that stores a file of a form: Fastify with its plugin, and a file that is flushed to disk. */
import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import multipart from '@fastify/multipart';
import fastify from 'fastify';

const folder = path.join(process.env.DATA_DIR!, 'bare-files');
const app = fastify({ bodyLimit: 100_000_000 });
await app.register(multipart, { limits: { fileSize: 100_000_000 } });
app.get('/', async () => 'up');
app.post('/uploads', async (request, reply) => {
  const part = (await request.file())!;
  const id = randomUUID();
  mkdirSync(folder, { recursive: true });
  await pipeline(part.file, createWriteStream(path.join(folder, id), { flush: true }));
  reply.code(201);
  return { id, name: part.filename, size: part.file.bytesRead };
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
