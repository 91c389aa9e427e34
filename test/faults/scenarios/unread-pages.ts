/** Unread pages: one account asks for the largest page over many connections and reads none of them. */
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import net from 'node:net';
import { settings } from '../../../server/config/settings.ts';
import { fillRoom } from '../../fill-room.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { exchange } from '../exchange.ts';
import { memoryCeilings } from '../memory-ceilings.ts';
import type { Scenario } from '../scenario.ts';
import { pause } from '../waiting.ts';

const connections = 40;
const messages = 100;
const warmUps = 20;
const mebibyte = 1024 * 1024;
const growthLimitBytes = 80 * mebibyte;
const closedWithinSeconds = 60;
const othersWithinMs = 1000;

/** Contents of pages: the most bytes of text, and bytes that JSON encodes in six, to exceed the kernel's buffers. */
const fillings = ['\u{1f600}', '\u0001'];

export const unreadPages: Scenario = {
  name: 'unread-pages',
  promise: 'API memory does not depend on readers: pages are bounded, and an unread answer is cut off',
  recoveryLimitSeconds: closedWithinSeconds,
  async run(stage, counts) {
    const rounds = counts(6, 2, 2);
    const api = await stage.start('api', { ACCOUNT_REQUESTS_AT_ONCE: settings.ACCOUNT_REQUESTS_AT_ONCE.fallback });
    const [attacker, other] = (await signInUsers(api.url, 2, fillings.length)) as [Person, Person];
    for (const [n, filling] of fillings.entries())
      await fillRoom(stage.sql, attacker.rooms[n]!, filling.repeat(32_000), messages);
    const pages = attacker.rooms.map((room) => `/chatroom/${room}/messages?limit=100`);
    // An idle heap grows with the first load in any case.
    for (let n = 0; n < warmUps; n++) {
      await exchange('GET', api.url + pages[n % pages.length]!, { token: attacker.token });
    }
    const before = api.residentBytes();
    const broken: string[] = [];
    let [peak, worstClosedSeconds, slowestMs] = [before, 0, 0];
    for (let round = 0; round < rounds; round++) {
      const sockets = await openWithoutReading(api.url, pages[round % pages.length]!, attacker.token);
      const startedAt = performance.now();
      const elapsedSeconds = () => (performance.now() - startedAt) / 1000;
      while ((await openConnections(api.url)) > 1 && elapsedSeconds() < closedWithinSeconds * 1.5) {
        slowestMs = Math.max(slowestMs, await timeOf(api.url, other.token));
        peak = Math.max(peak, api.residentBytes());
        await pause(50);
      }
      const left = (await openConnections(api.url)) - 1;
      if (left > 0) broken.push(`${left} connections were still open after ${elapsedSeconds().toFixed(0)} s`);
      worstClosedSeconds = Math.max(worstClosedSeconds, elapsedSeconds());
      for (const socket of sockets) socket.destroy();
    }
    const grown = peak - before;
    if (grown > growthLimitBytes) broken.push(`memory grew by ${Math.round(grown / mebibyte)} MiB`);
    const peakMebibytes = Math.round(peak / mebibyte);
    if (peakMebibytes > memoryCeilings.api) broken.push(`the process held ${peakMebibytes} MiB`);
    if (slowestMs > othersWithinMs) broken.push(`another account waited ${Math.round(slowestMs)} ms`);
    return {
      faults: rounds * connections,
      operations: rounds * connections,
      lost: 0,
      doubled: 0,
      worstRecoverySeconds: worstClosedSeconds,
      broken,
      note: `memory of the process rose by ${Math.round(grown / mebibyte)} MiB, to ${peakMebibytes} MiB; another account waited ${Math.round(slowestMs)} ms at most`,
    };
  },
};

/** Sends the request over all connections at once, and never reads: the kernel's buffers fill up, then the server's. */
async function openWithoutReading(url: string, path: string, token: string): Promise<net.Socket[]> {
  const { hostname, port } = new URL(url);
  return Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = net.connect({ host: hostname, port: Number(port) });
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${token}\r\n\r\n`);
      return socket;
    }),
  );
}

async function timeOf(url: string, token: string): Promise<number> {
  const startedAt = performance.now();
  const answer = await exchange('GET', `${url}/chatroom`, { token });
  return answer?.status === 200 ? performance.now() - startedAt : Number.POSITIVE_INFINITY;
}

/** Open connections of the server at `url`, from the kernel's table; includes the one of `timeOf`. */
async function openConnections(url: string): Promise<number> {
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
  const table = await readFile('/proc/net/tcp', 'utf8');
  return table.split('\n').filter((line) => /^ *\d+: \w+:(\w+) \S+ 01 /.exec(line)?.[1] === port).length;
}
