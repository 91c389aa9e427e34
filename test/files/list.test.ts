/** The list of one's files, in pages, and the space that they take. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf } from '../sql.ts';
import { upload } from './upload-client.ts';

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

describeModes('files', (mode) => {
  let running: RunningProduct;

  beforeAll(async () => {
    running = cleanUp.use(await startProduct(cleanUp.use(await mode.place())));
  });

  it('are listed newest first, in pages, without those of others and without uploads under way', async () => {
    const { url } = running;
    const [user, other] = [await signIn(url), await signIn(url)];
    await upload(url, other, 'of somebody else');
    for (const name of ['one.txt', 'two.txt', 'three.txt']) await upload(url, user, `in ${name}`, { name });
    const { body: me } = await user.call('GET', '/user/me');
    await sqlOf(running)(
      `insert into files (user_id, key, name, media_type, size, status) values ($1, $2, 'half', 'text/plain', 9, 'uploading')`,
      [me.id, `key-${me.id}`],
    );
    const first = await user.call('GET', '/uploads?limit=2');
    expect(first.body.map(({ name }: { name: string }) => name)).toEqual(['three.txt', 'two.txt']);
    const { body: alone } = await user.call('GET', `/uploads/${first.body[0].id}`);
    expect(first.body[0]).toEqual(alone);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')![1]!;
    const second = await user.call('GET', next);
    expect(second.body.map(({ name }: { name: string }) => name)).toEqual(['one.txt']);
    expect(second.headers.get('link')).toBeNull();
  });

  it('take space within the limits of the plan, and none once they are deleted', async () => {
    const { url } = running;
    const user = await signIn(url);
    const limits = { limit_bytes: 100_000_000, file_limit_bytes: 10_000_000 };
    const space = async () => (await user.call('GET', '/user/storage')).body;
    expect(await space()).toEqual({ used_bytes: 0, ...limits });
    const { body: file } = await upload(url, user, 'x'.repeat(1234));
    await upload(url, user, 'y'.repeat(100));
    // The text that is found in a file counts too.
    expect(await space()).toEqual({ used_bytes: 2 * 1334, ...limits });
    await user.call('DELETE', `/uploads/${file.id}`);
    expect(await space()).toEqual({ used_bytes: 2 * 100, ...limits });
    await sqlOf(running)(`update users set tier = 'Pro' where mobile_number = $1`, [user.number]);
    expect(await space()).toMatchObject({ limit_bytes: 5_000_000_000, file_limit_bytes: 50_000_000 });
  });
});
