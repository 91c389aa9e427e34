/** The Postman collection is generated from the OpenAPI document, and newman runs it without a failure. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postmanCollection, postmanEnvironment } from '../../scripts/postman/collection.ts';
import { embeddedPlace, type Place } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { readDocument } from './document.ts';

const folder = fileURLToPath(new URL('../../docs/postman/', import.meta.url));
const collection = `${folder}pollux.postman_collection.json`;
const environment = `${folder}pollux.postman_environment.json`;

/** Started as by a newcomer: default limits on codes, the demo model, no vendors. */
const asUsual = {
  OTP_ADDRESS_HOURLY: '10',
  OTP_PREFIX_HOURLY: '20',
  OTP_NUMBER_HOURLY: '5',
  OTP_GLOBAL_HOURLY: '1000',
  OTP_RESEND_SECONDS: '60',
  OTP_VERIFY_ADDRESS_HOURLY: '60',
  ACCOUNT_WRITES_MINUTE: '120',
  ACCOUNT_FEEDS_MINUTE: '60',
  ACCOUNT_FEEDS_OPEN: '20',
  ACCOUNT_BILLING_MINUTE: '10',
  ACCOUNT_REQUESTS_AT_ONCE: '6',
};

let place: Place;
let server: RunningProcess;

beforeAll(async () => {
  place = await embeddedPlace();
  server = await startProcess({ ...place.environment, ...asUsual });
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

const read = async (file: string) => JSON.parse(await readFile(file, 'utf8'));

describe('the Postman collection', () => {
  it('is up to date; `npm run write:postman` writes it', async () => {
    const { json } = await readDocument(server.url);
    expect(await read(collection)).toEqual(postmanCollection(json));
    expect(await read(environment)).toEqual(postmanEnvironment());
  });

  it('contains every operation once', async () => {
    const { operations } = await readDocument(server.url);
    const { item } = await read(collection);
    const ids = item.flatMap((chapter: { item: { id: string }[] }) => chapter.item.map(({ id }) => id));
    expect(ids.toSorted()).toEqual(operations.map(({ id }) => id).toSorted());
  });

  it('is run by newman from sign-up to the reply and on, without a failure', { timeout: 120_000 }, async () => {
    const { run, output } = await newman(server.url);
    expect(run.failures, output).toEqual([]);
    const { stats } = run;
    expect(stats.assertions.total).toBeGreaterThan(50);
    expect(stats.assertions.failed + stats.requests.failed + stats.testScripts.failed).toBe(0);
    const names = run.executions.flatMap(({ assertions = [] }) => assertions.map(({ assertion }) => assertion));
    expect(names).toContain('the reply is there');
  });
});

interface Run {
  readonly stats: Record<'assertions' | 'requests' | 'testScripts', { total: number; failed: number }>;
  readonly failures: readonly unknown[];
  readonly executions: readonly { readonly assertions?: readonly { readonly assertion: string }[] }[];
}

/** Runs newman on the checked-in files. Returns its report and its output. */
async function newman(url: string): Promise<{ run: Run; output: string }> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'pollux-newman-'));
  const report = path.join(directory, 'report.json');
  const cli = createRequire(import.meta.url).resolve('newman/bin/newman.js');
  const args = [cli, 'run', collection, '-e', environment, '--env-var', `base_url=${url}`];
  const reporting = ['--color', 'off', '--reporters', 'cli,json', '--reporter-json-export', report];
  const output = await promisify(execFile)(process.execPath, [...args, ...reporting]).then(
    ({ stdout }) => stdout,
    // A failed run exits with code 1 but has written its report.
    (error: { stdout: string }) => error.stdout,
  );
  const { run } = await read(report);
  await rm(directory, { recursive: true });
  return { run, output };
}
