/** Readiness is checked at most once a second, and shows only the status to the public. */
import fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { handleError } from '../http/error-handler.ts';
import { serveOn } from '../http/serve.ts';
import { readiness, type Check } from './readiness.ts';
import { serveHealth } from './routes.ts';

const log = pino({ level: 'silent' });
const works = async () => {};
const fails = async () => {
  throw new Error('away');
};

afterEach(() => {
  vi.useRealTimers();
});

describe('readiness', () => {
  it('runs its checks once for all requests within a second', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    const run = vi.fn<() => Promise<void>>(works);
    const read = readiness([{ name: 'database', vital: true, run }], log);
    await Promise.all(Array.from({ length: 1000 }, read));
    vi.advanceTimersByTime(999);
    await read();
    expect(run).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    await Promise.all([read(), read()]);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('makes concurrent requests wait for a check that hangs, and counts it as failed after two seconds', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    const run = vi.fn<() => Promise<void>>(() => new Promise(() => {}));
    const read = readiness([{ name: 'queue', vital: false, run }], log);
    const first = read();
    vi.advanceTimersByTime(1999);
    const second = read();
    vi.advanceTimersByTime(1);
    expect((await Promise.all([first, second])).map(([outcome]) => outcome!.ok)).toEqual([false, false]);
    expect(run).toHaveBeenCalledTimes(1);
  });
});

describe('the answer', () => {
  const nobody = async () => {
    throw new Error('nobody signs in here');
  };

  function serve(checks: readonly Check[]): FastifyInstance {
    const app = fastify();
    app.setErrorHandler(handleError);
    serveHealth(
      serveOn(app, { bearer: nobody, ticket: nobody, session: nobody, roleOf: nobody, admit: () => undefined }),
      {
        readOutcomes: readiness(checks, log),
        metrics: { read: async () => 'pollux 1\n', contentType: 'text/plain' },
        isOperator: ({ headers }) => headers.authorization === 'operator',
      },
    );
    return app;
  }

  async function ask(app: FastifyInstance, authorization = '') {
    const { statusCode, body } = await app.inject({ url: '/health/ready', headers: { authorization } });
    return { status: statusCode, body: JSON.parse(body) };
  }

  it('names unavailable dependencies to the operator only', async () => {
    const away = serve([
      { name: 'database', vital: true, run: fails },
      { name: 'queue', vital: false, run: works },
    ]);
    const bare = await ask(away);
    expect(bare).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
    expect(JSON.stringify(bare.body)).not.toContain('database');
    expect((await ask(away, 'operator')).body.detail).toBe('Not ready: database cannot be reached.');

    const degraded = serve([
      { name: 'database', vital: true, run: works },
      { name: 'queue', vital: false, run: fails },
    ]);
    expect(await ask(degraded)).toEqual({ status: 200, body: { status: 'degraded' } });
    expect((await ask(degraded, 'operator')).body).toEqual({
      status: 'degraded',
      checks: { database: { status: 'ok' }, queue: { status: 'degraded' } },
    });
  });
});
