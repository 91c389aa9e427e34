/**
 * The time of an answer does not reveal whether a number is registered: until the answer is sent, the same statements
 * run and the same limits are checked for both. Times are not measured, because that would prove nothing.
 */
import type { ServerResponse } from 'node:http';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryLimits } from '../../server/adapters/limits/memory.ts';
import { openPglite } from '../../server/adapters/database/pglite.ts';
import { openPostgres } from '../../server/adapters/database/postgres.ts';
import type { Connection, Database } from '../../server/ports/database.ts';
import type { Limits } from '../../server/ports/limits.ts';
import { freshNumber, type Answer } from '../client.ts';
import { anyPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { guess, sendCode, signUp } from './guessing.ts';

/** Recorded steps in order; `answered` is the end of the response. */
let steps: string[] = [];

const onAClock = new Set(['sessions_changes_since']);

function recordedConnection(connection: Connection): Connection {
  return {
    run(statement, values) {
      if (!onAClock.has(statement.name)) steps.push(statement.name);
      return connection.run(statement, values);
    },
    execute(text, values) {
      steps.push('a script');
      return connection.execute(text, values);
    },
  };
}

function recordedDatabase(db: Database): Database {
  return {
    ...db,
    ...recordedConnection(db),
    transaction: (work) => {
      steps.push('begin');
      return db.transaction((tx) => work(recordedConnection(tx)));
    },
  };
}

/** A rule is recorded by its name, without the key. */
function recordedLimits(limits: Limits): Limits {
  return {
    take(rules) {
      steps.push(
        ...rules.map(({ key, limit, peek }) => `${peek ? 'peek' : 'take'} ${key.replace(/[\w-]{43}/, '')} ${limit}`),
      );
      return limits.take(rules);
    },
    [Symbol.asyncDispose]: () => limits[Symbol.asyncDispose](),
  };
}

describe('a number with and one without an account', () => {
  const cleanUp = new AsyncDisposableStack();
  let running: RunningProduct;
  let url: string;
  const numbers = { known: freshNumber(), unknown: freshNumber() };

  beforeAll(async () => {
    const place = cleanUp.use(await anyPlace());
    const db = cleanUp.use(recordedDatabase(await openDatabase(place)));
    const limits = recordedLimits(memoryLimits());
    const sms = { label: 'recorder', send: async () => void steps.push('sms') };
    running = cleanUp.use(
      await startProduct(place, {
        role: place.environment.DATABASE_URL === undefined ? 'all' : 'api',
        environment: {
          OTP_GLOBAL_HOURLY: '1000',
          OTP_ADDRESS_HOURLY: '1000',
          OTP_NUMBER_HOURLY: '5',
          OTP_PREFIX_HOURLY: '20',
          OTP_RESEND_SECONDS: '60',
        },
        overrides: { db, limits, sms },
      }),
    );
    // Runs before the product's own hooks.
    running.product.app!.server.on('request', (_, answer: ServerResponse) =>
      answer.once('finish', () => steps.push('answered')),
    );
    ({ url } = running);
  });
  afterAll(() => cleanUp.disposeAsync());

  /** The steps of a request until its answer was sent, and after it. */
  async function workFor(
    request: () => Promise<Answer>,
  ): Promise<{ status: number; before: string[]; after: string[] }> {
    steps = [];
    const { status } = await request();
    await expect.poll(() => steps).toContain('answered');
    const at = steps.indexOf('answered');
    return {
      status,
      before: steps.slice(0, at),
      get after() {
        return steps.slice(at + 1);
      },
    };
  }

  it('are signed up with the same work', async () => {
    const known = freshNumber();
    const first = await workFor(() => signUp(url, known));
    const again = await workFor(() => signUp(url, known));
    expect(first).toMatchObject({ status: 201, before: expect.arrayContaining(['user_add']) });
    expect(again).toMatchObject({ status: first.status, before: first.before, after: [] });
  });

  it.each([
    ['asking for a code', sendCode],
    ['asking again too early', sendCode],
    ['a wrong guess', (to: string, number: string) => guess(to, number, '12345')],
    [
      'a fifth wrong guess',
      async (to: string, number: string) => {
        for (let n = 0; n < 3; n++) await guess(to, number, '12345');
        steps = [];
        return guess(to, number, '12345');
      },
    ],
    ['a guess too many', (to: string, number: string) => guess(to, number, '12345')],
    ['asking for a code after ten wrong guesses', sendCode],
  ] as const)('%s causes the same work until the answer is sent', async (name, request) => {
    if (name === 'asking for a code') await signUp(url, numbers.known);
    const known = await workFor(() => request(url, numbers.known));
    // Work after the response must not be attributed to the next request.
    if (name === 'asking for a code') await expect.poll(() => known.after).toContain('code_sent');
    const unknown = await workFor(() => request(url, numbers.unknown));
    expect(known.before.length).toBeGreaterThan(0);
    expect(unknown).toMatchObject({ status: known.status, before: known.before });
  });

  it('get a code, or none, after the answer is sent', async () => {
    const known = freshNumber();
    await signUp(url, known);
    const sent = await workFor(() => sendCode(url, known));
    await expect.poll(() => sent.after, { timeout: 10_000 }).toContain('code_sent');
    expect(sent.after).toEqual(expect.arrayContaining(['user_registration', 'sms']));
    expect(sent.before.filter((step) => step.startsWith('user_'))).toEqual([]);
    const notSent = await workFor(() => sendCode(url, freshNumber()));
    await expect.poll(() => notSent.after).toEqual(['user_registration']);
  });
});

function openDatabase({ environment: { DATABASE_URL, DATA_DIR = '' } }: Place): Promise<Database> {
  const log = pino({ level: 'silent' });
  return DATABASE_URL === undefined
    ? openPglite(DATA_DIR)
    : openPostgres({ url: DATABASE_URL, poolSize: 2, processes: 1, directUrl: null, log });
}
