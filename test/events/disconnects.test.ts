/** Clients of every kind that reconnect at random, at any process, while answers stream: they receive the bytes of the stream, once and in order. */
import { describe, expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { scaled } from '../fault-scale.ts';
import { askAt, startProduct, type RunningProduct } from '../harness.ts';
import { liveReply } from '../live-reply.ts';
import { fullestMode } from '../modes.ts';
import { randomFrom, seed } from '../random.ts';
import { classReader, npmReader, parsed, readInPieces, streamReader } from './byte-readers.ts';

const disconnects = scaled(200);
const people = 4;
const roomsEach = 2;
/** A reader stays for at most this many events. */
const longestVisit = 6;
const last = '"name":"The last room"';

describe(`clients that reconnect at random, ${fullestMode.name}`, () => {
  it(`${disconnects} times, through restarts`, { timeout: 120_000 * Math.ceil(disconnects / 200) }, async () => {
    await using gemini = await startFakeGemini();
    await using place = await fullestMode.place();
    const environment = { ...askAt(gemini), BASIC_DAILY_LIMIT: '1000' };
    await using steady = await startProduct(place, { environment });
    const urls = [steady.url];
    const start = () => startProduct(place, { environment, role: 'api' });

    /** Starts a process, and stops the one before it. */
    async function replace(old: RunningProduct): Promise<RunningProduct> {
      const next = await start();
      urls.splice(urls.indexOf(old.url), 1, next.url);
      await old.product.close(10_000);
      return next;
    }

    async function restart(times: number): Promise<void> {
      if (fullestMode.apis < 2) return;
      let newest = await start();
      urls.push(newest.url);
      for (let n = 0; n < times; n++) newest = await replace(newest);
      urls.pop();
      await newest.product.close(10_000);
    }

    async function follow(first: number): Promise<number> {
      const user = await signIn(steady.url);
      const token = user.tokens.access_token;
      await using feed = await user.events();
      await expect.poll(() => feed.position, { interval: 5 }).not.toBe('');
      const after = feed.position;
      const replies = await Promise.all(
        Array.from({ length: roomsEach }, async (_, n) => {
          const { body } = await user.ask(await user.room(), `Long story ${n} [[chunks:60]][[delay:25]]`);
          return body.reply.id as number;
        }),
      );
      const reading = [streamReader(token), npmReader(token), classReader(token)].map((reader, n) =>
        readInPieces(reader, { urls, random: randomFrom(first + n), after, longestVisit, goesOn: () => true, last }),
      );
      for (const id of replies) await feed.next((event) => event.type === 'reply.completed' && event.message_id === id);
      await user.room('The last room');
      const logs = await Promise.all(reading);
      const whole = await streamReader(token)(steady.url, {
        after,
        events: Number.POSITIVE_INFINITY,
        last,
        cuts: false,
      });
      for (const { told, codes } of logs) {
        expect(told).toEqual(whole.told);
        expect(codes.filter((code) => code !== 1012)).toEqual([]);
      }
      for (const id of replies) {
        const { text, ended } = liveReply(parsed(whole.told), id);
        expect(text).toBe(ended!.content);
      }
      return logs.reduce((sum, { visits }) => sum + visits, 0);
    }

    let done = 0;
    for (let round = 0; done < disconnects; round++) {
      const following = Array.from({ length: people }, (_, n) => follow(seed + 100 * round + 10 * n));
      const [visits] = await Promise.all([Promise.all(following), round === 0 ? restart(2) : undefined]);
      done += visits.reduce((sum, count) => sum + count, 0);
    }
    expect(done).toBeGreaterThanOrEqual(disconnects);
  });
});
