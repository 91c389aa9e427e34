/** Files that are made to do harm: each is refused or read with a clear outcome, and leaves nothing behind. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uploadFailures } from '../../contract/uploads.ts';
import { signIn, type Client } from '../client.ts';
import { expectProblem } from '../contract/problem.ts';
import { embeddedPlace, startProduct, type RunningProduct } from '../harness.ts';
import { sqlOf } from '../sql.ts';
import { hostileFiles, type HostileFile } from './hostile.ts';
import { download, namedKeys, settled, storedKeys, upload } from './upload-client.ts';

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

let running: RunningProduct;
let user: Client;
let files: HostileFile[];

beforeAll(async () => {
  running = cleanUp.use(await startProduct(cleanUp.use(await embeddedPlace())));
  user = await signIn(running.url);
  files = await hostileFiles();
}, 200_000);

/** What became of a file, without its content if that could be a script. */
async function endOf({ name, bytes, what }: HostileFile): Promise<number | string> {
  const answer = await upload(running.url, user, new Uint8Array(bytes), { name });
  if (answer.status !== 201) {
    expectProblem(answer);
    expect(answer.body.detail, what).toMatch(/^[A-Z].+\.$/);
    return answer.status;
  }
  const file = await settled(user, answer.body.id);
  if (file.status === 'failed') {
    expect(uploadFailures, what).toContain(file.failure.code);
    expect((await download(running.url, file.id, { user })).status).toBe(404);
    return file.failure.code;
  }
  const content = await download(running.url, file.id, { user });
  expect(content.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  if (file.media_type.startsWith('image/')) expect(content.bytes.includes('script'), what).toBe(false);
  else expect(content.headers.get('content-disposition')).toMatch(/^attachment; /);
  return file.status;
}

it('each end as they should, and leave nothing', { timeout: 300_000 }, async () => {
  expect(files.length).toBeGreaterThanOrEqual(60);
  const ends: Record<string, number | string> = {};
  const left = [...files];
  const takeNext = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) ends[file.what] = await endOf(file);
  };
  await Promise.all([takeNext(), takeNext(), takeNext(), takeNext()]);
  expect(ends).toEqual(Object.fromEntries(files.map(({ what, end }) => [what, end])));
  const sql = sqlOf(running);
  await expect.poll(() => storedKeys(running)).toEqual(await namedKeys(sql));
  for (const { id } of await sql<{ id: number }>('select id::int as id from files'))
    expect((await user.call('DELETE', `/uploads/${id}`)).status).toBe(204);
  expect(await storedKeys(running)).toEqual([]);
  expect(await sql('select from files')).toEqual([]);
  expect(await sql('select from file_texts')).toEqual([]);
  expect((await upload(running.url, user, 'still at work')).status).toBe(201);
});
