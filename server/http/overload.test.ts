/** Load shedding at the limit and under lag, with a problem document, and only while necessary. */
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readService } from '../../contract/service.ts';
import { handleError } from './error-handler.ts';
import { shedOverload } from './overload.ts';

const capacity = 1000;
let app: FastifyInstance;
let shed: number;
let release: () => void;
/** Starts at once, unlike plain `inject`, which starts when it is awaited. */
const get = (path: string) => app.inject(path).then((answer) => answer);

beforeEach(async () => {
  shed = 0;
  const released = new Promise<void>((resolve) => (release = resolve));
  app = fastify();
  app.setErrorHandler(handleError);
  shedOverload(app, () => (shed += 1));
  app.get('/slow', async () => {
    await released;
    return 'done';
  });
  app.get('/quick', async () => 'done');
  app.get('/health/ready', async () => 'ready');
  app.get('/', { config: { endpoint: readService } }, async () => 'here');
  await app.ready();
});
afterEach(() => app.close());

it('refuses requests above the limit, with varying Retry-After, and accepts all again afterwards', async () => {
  const held = Array.from({ length: capacity }, () => get('/slow'));
  await vi.waitFor(async () => expect((await get('/quick')).statusCode).toBe(503));
  const refused = await Promise.all(Array.from({ length: 40 }, () => get('/quick')));
  for (const answer of refused) {
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'overloaded', status: 503 });
  }
  const secondsToStayAway = new Set(refused.map(({ headers }) => Number(headers['retry-after'])));
  expect(secondsToStayAway).toEqual(new Set([1, 2, 3, 4]));
  expect(shed).toBeGreaterThanOrEqual(refused.length);
  release();
  expect((await Promise.all(held)).every(({ statusCode }) => statusCode === 200)).toBe(true);
  expect((await get('/quick')).statusCode).toBe(200);
});

it('answers health checks while it refuses others', async () => {
  const held = Array.from({ length: capacity }, () => get('/slow'));
  await vi.waitFor(async () => expect((await get('/quick')).statusCode).toBe(503));
  expect((await get('/health/ready')).statusCode).toBe(200);
  release();
  await Promise.all(held);
});

it('refuses while its event loop lags for long, but not after a single long task', async () => {
  const block = (ms: number) => {
    for (const until = performance.now() + ms; performance.now() < until;);
  };
  block(1200);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect((await get('/quick')).statusCode).toBe(200);
  let isBusy = true;
  setImmediate(function lag() {
    block(600);
    if (isBusy) setImmediate(lag);
  });
  const becomes = (status: number) =>
    vi.waitFor(async () => expect((await get('/quick')).statusCode).toBe(status), { timeout: 20_000, interval: 10 });
  await becomes(503);
  isBusy = false;
  await becomes(200);
});
