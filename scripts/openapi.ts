/** Writes the OpenAPI document of the registered endpoints to a file, or to standard output. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { compose } from '../server/compose.ts';
import { parseConfig } from '../server/config/config.ts';
import type { Database } from '../server/ports/database.ts';

/** Registering endpoints queries only the list of ended sessions. */
const emptyDatabase = {
  run: async () => [],
  [Symbol.asyncDispose]: async () => {},
} as Partial<Database> as Database;

const config = parseConfig({ SECRET_KEY: 'signs nothing', OTP_ECHO: 'false' }, 'all');
const product = await compose({ ...config, role: 'api' }, pino({ level: 'silent' }), { db: emptyDatabase });
const app = product.app!;
await app.ready();
const document = `${JSON.stringify(app.swagger(), null, 2)}\n`;
await product.close(0);

const file = process.argv[2];
if (file === undefined) process.stdout.write(document);
else {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, document);
}
