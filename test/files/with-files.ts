/** A product for tests of files: the embedded mode keeps them in its folder, the other in S3. */
import { signIn, type Client } from '../client.ts';
import { fakeCredentials, startFakeS3 } from '../fakes/s3.ts';
import { startProduct, type RunningProduct } from '../harness.ts';
import type { Mode } from '../modes.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { namedKeys, storedKeys } from './upload-client.ts';

for (const [name, value] of Object.entries(fakeCredentials)) process.env[name] = value;

export interface WithFiles extends AsyncDisposable {
  readonly running: RunningProduct;
  readonly url: string;
  readonly sql: Sql;
  readonly user: Client;
  /** Keys of all bytes that are stored, and of those that rows name. */
  readonly stored: () => Promise<string[]>;
  readonly named: () => Promise<string[]>;
}

export async function startWithFiles(mode: Mode): Promise<WithFiles> {
  await using opened = new AsyncDisposableStack();
  const s3 = opened.use(await startFakeS3());
  const inS3 = { STORAGE_URL: `s3://${s3.bucket}/files?endpoint=${s3.url}` };
  const environment = mode.name === 'embedded' ? {} : inS3;
  const running = opened.use(await startProduct(opened.use(await mode.place()), { environment }));
  const sql = sqlOf(running);
  const user = await signIn(running.url);
  const resources = opened.move();
  return {
    running,
    url: running.url,
    sql,
    user,
    stored: () => storedKeys(running),
    named: () => namedKeys(sql),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
