/** Opens many live connections of one user, sends answers into them, and reports the frames received per second. */
import { randomUUID } from 'node:crypto';
import type net from 'node:net';
import { pino } from 'pino';
import type { FeedEvent } from '../../contract/events.ts';
import { redisFeed } from '../../server/adapters/feed/redis.ts';
import { connectRedis } from '../../server/adapters/redis/connection.ts';
import { openStreams, type StreamTarget } from './connections.ts';

export interface FanOutTask extends StreamTarget {
  readonly seconds: number;
  /** The product's feed; null: frames are posted to the server itself. */
  readonly feed: { readonly port: number; readonly prefix: string; readonly userId: number } | null;
}

export interface FanOutReport {
  /** Frames received per second, over all connections. */
  readonly rate: number;
  readonly busy: number;
}

const deltas = 50;
const text = ' and a second thought is added to it, with a reason.';

process.once('message', (task) => void run(task as FanOutTask));

async function run(task: FanOutTask): Promise<void> {
  const sockets = await openStreams(task);
  await using feed = task.feed && (await openFeed(task.feed));
  const publish = feed ? (events: FeedEvent[]) => feed.publish(task.feed!.userId, events) : postTo(task);
  await answerOnce(sockets, publish);
  let answers = 0;
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  while (performance.now() - startedAt < task.seconds * 1000) {
    await answerOnce(sockets, publish);
    answers += 1;
  }
  const [tookMs, cpu] = [performance.now() - startedAt, process.cpuUsage(cpuBefore)];
  for (const socket of sockets) socket.destroy();
  const report: FanOutReport = {
    rate: (answers * deltas * sockets.length * 1000) / tookMs,
    busy: (cpu.user + cpu.system) / 1000 / tookMs,
  };
  process.send?.(report);
}

/** Sends one answer and waits until its last delta has arrived everywhere. */
async function answerOnce(sockets: readonly net.Socket[], publish: (events: FeedEvent[]) => void): Promise<void> {
  const last = randomUUID();
  const arrived = Promise.all(sockets.map((socket) => hears(socket, Buffer.from(last))));
  const lengthSoFar = (index: number) => index * text.length;
  publish(
    Array.from({ length: deltas }, (_, index) => ({
      type: 'reply.delta',
      chatroom_id: 1,
      message_id: 1,
      attempt: 1,
      offset: lengthSoFar(index),
      text: index === deltas - 1 ? last : text,
    })),
  );
  await arrived;
}

function hears(socket: net.Socket, mark: Buffer): Promise<void> {
  return new Promise((resolve) => {
    let tail = Buffer.alloc(0);
    const listen = (chunk: Buffer) => {
      const seen = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
      if (seen.includes(mark)) {
        socket.off('data', listen);
        resolve();
      }
      tail = Buffer.from(seen.subarray(-mark.length));
    };
    socket.on('data', listen);
  });
}

function openFeed({ port, prefix }: { port: number; prefix: string }) {
  const settings = {
    host: '127.0.0.1',
    port,
    username: null,
    password: null,
    db: 0,
    tls: false,
    inParts: false,
    prefix,
  };
  const log = pino({ level: 'silent' });
  return redisFeed(settings, log, connectRedis(settings, 'commands', log));
}

/** The same frames as the product writes. */
function postTo({ port, hello }: FanOutTask): (events: FeedEvent[]) => void {
  const frameOf = (id: string, { type }: FeedEvent, data: string) =>
    hello ? `{"id":"${id}",${data.slice(1)}` : `id: ${id}\nevent: ${type}\ndata: ${data}\n\n`;
  return (events) => {
    const frames = events.map((event, index) => frameOf(`1763900000000-${index}`, event, JSON.stringify(event)));
    void fetch(`http://127.0.0.1:${port}/frames`, { method: 'POST', body: JSON.stringify(frames) });
  };
}
