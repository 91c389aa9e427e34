/** Slow readers: connections that stop reading are closed, cost little memory, and delay no one. */
import { once } from 'node:events';
import net from 'node:net';
import type { EventStream } from '../../client.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { readMetric } from '../folder.ts';
import type { Scenario } from '../scenario.ts';
import { until } from '../waiting.ts';

/** More than the kernel's buffers on both ends hold, which are not the product's memory. */
const answers = 40;
/** As long as the vendor's longest answer. */
const piecesEach = 30;
const pieceBytes = 15_000;
const mebibyte = 1024 * 1024;
/** Allowed growth of the heap under load, apart from the readers. */
const otherGrowthBytes = 60 * mebibyte;

export const slowReaders: Scenario = {
  name: 'slow-reader',
  promise: 'A connection that stops reading costs at most 1 MiB, is closed, and delays no one',
  async run(stage, counts) {
    const readers = counts(50, 20, 5);
    const [api] = await Promise.all([stage.start('api'), stage.start('worker')]);
    await stage.fake.usually({
      kind: 'answer',
      parts: Array.from({ length: piecesEach }, () => ({ text: 'x'.repeat(pieceBytes) })),
      delayMs: 10,
    });
    const [person] = (await signInUsers(api.url, 1, 2)) as [Person];
    await using quick = await person.client.events();
    await tellEverything(person, quick, 0);
    await tellEverything(person, quick, 1);
    const before = api.residentBytes();
    const slow = await Promise.all(Array.from({ length: readers }, () => openAndStopReading(api.url, person.token)));
    await until('everybody is connected', 20_000, async () => (await feedClients(api.url)) === readers + 1);
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, api.residentBytes());
    }, 50);
    const broken: string[] = [];
    try {
      for (let answer = 0; answer < answers && (await feedClients(api.url)) > 1; answer++) {
        await tellEverything(person, quick, answer);
      }
      const left = (await feedClients(api.url)) - 1;
      if (left > 0) broken.push(`${left} slow readers were not disconnected`);
    } finally {
      clearInterval(watching);
      for (const socket of slow) socket.destroy();
    }
    if (quick.received.some(({ event }) => event.type === 'feed.reset')) broken.push('the quick reader lost events');
    const grown = peak - before;
    if (grown > readers * mebibyte + otherGrowthBytes)
      broken.push(`memory grew by ${Math.round(grown / mebibyte)} MiB`);
    const eachMebibytes = grown / readers / mebibyte;
    return {
      faults: readers,
      operations: quick.received.length,
      lost: 0,
      doubled: 0,
      worstRecoverySeconds: null,
      broken,
      note: `memory of the process rose by ${eachMebibytes.toFixed(1)} MiB a reader at most, with all other growth included`,
    };
  },
};

async function tellEverything({ client, rooms }: Person, quick: EventStream, part: number): Promise<void> {
  const { body } = await client.ask(rooms[part % rooms.length]!, `Tell me everything, part ${part}`);
  await quick.next((event) => event.type === 'reply.completed' && event.message_id === body.reply.id, 60_000);
}

/** Sends the request and never reads: the kernel's buffers fill up, then the server's. */
async function openAndStopReading(url: string, token: string): Promise<net.Socket> {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET /events HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${token}\r\n\r\n`);
  return socket;
}

function feedClients(url: string): Promise<number> {
  return readMetric(url, 'pollux_feed_clients');
}
