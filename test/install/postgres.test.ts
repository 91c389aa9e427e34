/** The PostgreSQL from the npm package, which a test run starts where no other is installed. */
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { startPostgres } from '../faults/postgres-server.ts';
import { npmPrograms } from '../postgres-programs.ts';

async function versionOf(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ server_version: string }>('show server_version')).rows[0]!.server_version;
  } finally {
    await client.end();
  }
}

it('starts for root and for other users', async () => {
  await using postgres = await startPostgres({ programs: npmPrograms() });
  expect(await versionOf(await postgres.createDatabase())).toMatch(/^18\./);
});

it('starts from a folder that its user may not enter', async () => {
  const home = mkdtempSync(path.join(os.tmpdir(), 'pollux-closed-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  cpSync(path.dirname(npmPrograms()!), path.join(home, 'native'), { recursive: true, verbatimSymlinks: true });
  chmodSync(home, 0o700);
  await using postgres = await startPostgres({ programs: path.join(home, 'native/bin') });
  expect(await versionOf(postgres.url)).toMatch(/^18\./);
});
