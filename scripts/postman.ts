/** Writes docs/postman/ from the OpenAPI document on standard input: `npm run write:postman`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { postmanCollection, postmanEnvironment, type Document } from './postman/collection.ts';

const folder = fileURLToPath(new URL('../docs/postman/', import.meta.url));
const files = {
  'pollux.postman_collection.json': postmanCollection((await json(process.stdin)) as Document),
  'pollux.postman_environment.json': postmanEnvironment(),
};
await mkdir(folder, { recursive: true });
for (const [name, content] of Object.entries(files)) {
  await writeFile(folder + name, `${JSON.stringify(content, null, 2)}\n`);
}
