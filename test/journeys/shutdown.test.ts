/** SIGTERM: exit within 10 s with code 0, and every reply finished or released. */
import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { request, signIn } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { startFakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { anyPlace, askAt, distributedPlace, embeddedPlace } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { services } from '../services.ts';
import { connectSql, waitingForLocks } from '../sql.ts';
import { deliverTo, sellThrough, startCheckout } from '../subscriptions/shop.ts';
import { startArrangement } from './arrangements.ts';
import { askAndWatch, expectOnceAndWhole } from './watched-questions.ts';

const withinMs = 10_000;
const people = 3;
/** How long the replies of a worker that vanished would wait. */
const leaseMs = 9000;

async function expectCleanExit(one: RunningProcess): Promise<void> {
  const startedAt = Date.now();
  expect(await one.kill('SIGTERM')).toBe(0);
  expect(Date.now() - startedAt).toBeLessThan(withinMs);
}

describe.skipIf(!services.postgres || !services.redis)('a worker that receives SIGTERM', () => {
  it(
    'finishes replies that are nearly done and releases the rest, so that none waits for a lease',
    { timeout: 180_000 },
    async () => {
      await using running = await startArrangement({ place: distributedPlace, roles: ['api', 'worker'] });
      const { fake, place } = running;
      const worker = running.processes[1]!;
      const [url] = running.urls;
      const [quick, slow] = await Promise.all([
        askAndWatch(url, people, '[[delay:30]]'),
        askAndWatch(url, people, '[[delay:1000x1]]'),
      ]);
      await expectCleanExit(worker);
      for (const one of quick) await expectOnceAndWhole(one, fake, 1);
      for (const { user, roomId, replyId } of slow) {
        const { body } = await user.call('GET', `/chatroom/${roomId}/messages/${replyId}`);
        expect(body).toMatchObject({ status: 'queued', content: '' });
      }
      await using next = await startProcess({ ...place.environment, ...askAt(fake) }, 'worker');
      const readyAt = Date.now();
      for (const one of slow) await expectOnceAndWhole(one, fake, 2);
      expect(Date.now() - readyAt).toBeLessThan(leaseMs);
      for (const one of [...quick, ...slow]) await one[Symbol.asyncDispose]();
      await expectCleanExit(next);
    },
  );
});

describe.skipIf(!services.postgres || !services.redis)('a worker that receives SIGTERM while it claims', () => {
  it('waits for the claim, and exits', { timeout: 30_000 }, async () => {
    await using place = await distributedPlace();
    await using fake = await startFakeGemini();
    await using worker = await startProcess({ ...place.environment, ...askAt(fake) }, 'worker');
    await using locking = await connectSql(place);
    await locking.sql('begin');
    await locking.sql('lock table model_pauses in access exclusive mode');
    await using watching = await connectSql(place);
    await expect.poll(() => waitingForLocks(watching.sql, 'with plan as ('), { timeout: 10_000 }).toBe(1);
    const exited = expectCleanExit(worker);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await locking.sql('rollback');
    await exited;
  });
});

describe.skipIf(!services.postgres || !services.redis)('a worker that receives SIGTERM while Stripe is slow', () => {
  it('claims nothing more and releases its replies at once', { timeout: 90_000 }, async () => {
    await using stripe = await startFakeStripe();
    const settings = { ...sellThrough(stripe), LOG_LEVEL: 'info' };
    await using running = await startArrangement({ place: distributedPlace, roles: ['api', 'worker'] }, settings);
    const worker = running.processes[1]!;
    const [url] = running.urls;
    deliverTo(stripe, url);
    const buyer = await signIn(url);
    stripe.completeCheckout((await startCheckout(buyer)).session_id, { payment: 'succeeds' });
    const gate = stripe.faults.hold({ path: '/v1/subscriptions' });
    for (const { id } of stripe.deliveries.pendingEvents()) await stripe.deliveries.deliver(id);
    await gate.arrived(1);
    const [slow] = await askAndWatch(url, 1, '[[delay:1000x1]]');
    const exited = expectCleanExit(worker);
    await expect.poll(() => worker.output()).toContain('shutting down');
    const late = await buyer.ask(await buyer.room(), 'Asked too late for this worker');
    await exited;
    await using connection = await connectSql(running.place);
    const left = await connection.sql(
      `select status, epoch from replies where message_id = any ($1) order by message_id`,
      [[slow!.replyId, late.body.reply.id]],
    );
    expect(left).toEqual([
      { status: 'queued', epoch: 1 },
      { status: 'queued', epoch: 0 },
    ]);
    await slow![Symbol.asyncDispose]();
  });
});

describe('a product with all roles that receives SIGTERM', () => {
  it('exits within 10 s while Stripe is slow', { timeout: 60_000 }, async () => {
    await using stripe = await startFakeStripe();
    await using place = await anyPlace();
    await using running = await startProcess({ ...place.environment, ...sellThrough(stripe) });
    deliverTo(stripe, running.url);
    const { session_id } = await startCheckout(await signIn(running.url));
    stripe.completeCheckout(session_id, { payment: 'succeeds' });
    const gate = stripe.faults.hold({ path: '/v1/subscriptions' });
    for (const { id } of stripe.deliveries.pendingEvents()) await stripe.deliveries.deliver(id);
    await gate.arrived(1);
    await expectCleanExit(running);
  });

  it('leaves nothing unfinished that the next start does not finish', { timeout: 180_000 }, async () => {
    await using fake = await startFakeGemini();
    await using place = await embeddedPlace();
    const start = () => startProcess({ ...place.environment, ...askAt(fake) });
    await using first = await start();
    const slow = await askAndWatch(first.url, people, '[[delay:1000x1]]');
    await expectCleanExit(first);
    await Promise.all(slow.map(({ live }) => live.ended));
    await using next = await start();
    for (const one of slow) await expectOnceAndWhole(one, fake, 2, next.url);
  });

  it(
    'exits in time with open connections: unused, kept alive, half a request, or a stream',
    { timeout: 180_000 },
    async () => {
      await using place = await anyPlace();
      await using running = await startProcess(place.environment);
      const { hostname, port } = new URL(running.url);
      const [watcher] = await askAndWatch(running.url, 1, '');
      await request('GET', running.url);
      const sockets = await Promise.all(
        [
          '',
          'GET / HT',
          'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
          'POST /auth/signup HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n',
        ].map(async (sent) => {
          const socket = net.connect({ host: hostname, port: Number(port) });
          // A reset is allowed.
          socket.on('error', () => {});
          await once(socket, 'connect');
          socket.write(sent);
          return socket;
        }),
      );
      await expectCleanExit(running);
      await watcher!.live.ended;
      for (const socket of sockets) socket.destroy();
    },
  );
});
