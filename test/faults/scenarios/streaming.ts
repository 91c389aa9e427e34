/** Streaming: readers that disconnect at random and resume at another process miss and repeat nothing. */
import { openEventStream, type ReceivedEvent } from '../../client.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { compareLogs, wrongText, type Asked } from '../heard.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import { anyOf, randomPause, until } from '../waiting.ts';

const chunks = 30;
const longestConnectionMs = 250;
const readersEach = 5;

export const streaming: Scenario = {
  name: 'streaming',
  promise: 'Readers resume at any process without gap or repeat, byte for byte',
  async run(stage, counts) {
    const disconnects = counts(1000, 100, 20);
    const roles = ['api', 'api', 'api', 'worker', 'worker'] as const;
    const services = await Promise.all(roles.map((role) => stage.start(role)));
    const urls = services.map(({ url }) => url).filter(Boolean);
    const crowd = await signInUsers(urls[0]!, 4, 3);
    // Basic would answer only two of three rooms at once.
    await stage.sql(`update users set tier = 'Pro'`);
    const each = Math.ceil(disconnects / (crowd.length * readersEach));
    const found = await Promise.all(crowd.map((person) => follow(person, urls, each)));
    return {
      faults: each * crowd.length * readersEach,
      operations: found.reduce((sum, one) => sum + one.events, 0),
      lost: found.reduce((sum, one) => sum + one.missing, 0),
      doubled: found.reduce((sum, one) => sum + one.repeated, 0),
      worstRecoverySeconds: null,
      broken: found.flatMap((one) => one.broken),
      note: `operations are events read; ${found.reduce((sum, one) => sum + one.replies, 0)} replies compared byte for byte`,
      shorter: lessThan(1000, each * crowd.length * readersEach, 'disconnects'),
    };
  },
};

interface Found {
  readonly events: number;
  readonly missing: number;
  readonly repeated: number;
  readonly replies: number;
  readonly broken: readonly string[];
}

/** One reader stays connected; the others reconnect. In the end all must have read the same. */
async function follow(person: Person, urls: readonly string[], disconnects: number): Promise<Found> {
  await using steady = await person.client.events({ url: urls[0]! });
  await until('the feed has a position', 10_000, () => steady.position !== '');
  const start = steady.position;
  const done = new AbortController();
  const asked = askThroughout(person, done.signal);
  const logs = await Promise.all(
    Array.from({ length: readersEach }, () => readInPieces(person, urls, start, disconnects)),
  );
  done.abort();
  const replies = await asked;
  for (const { id } of replies) {
    await steady.next((event) => event.type === 'reply.completed' && event.message_id === id, 60_000);
  }
  const whole = [...steady.received];
  for (const log of logs) log.push(...(await readUpTo(person, anyOf(urls), log.at(-1)?.id ?? start, whole.at(-1)!.id)));
  const expected = whole.map(({ id }) => id);
  const differences = logs.map((log) =>
    compareLogs(
      expected,
      log.map(({ id }) => id),
    ),
  );
  return {
    events: logs.reduce((sum, log) => sum + log.length, 0),
    missing: differences.reduce((sum, one) => sum + one.missing, 0),
    repeated: differences.reduce((sum, one) => sum + one.repeated, 0),
    replies: replies.length * logs.length,
    broken: logs.flatMap((log) => replies.flatMap((reply) => wrongText(log, reply, chunks))),
  };
}

async function askThroughout({ client, rooms }: Person, signal: AbortSignal): Promise<Asked[]> {
  const replies: Asked[] = [];
  for (let turn = 0; !signal.aborted; turn++) {
    const content = `Part ${turn} [[chunks:${chunks}]][[delay:30]]`;
    const { body } = await client.ask(rooms[turn % rooms.length]!, content);
    replies.push({ id: body.reply.id, content });
    await randomPause(600);
  }
  return replies;
}

async function readInPieces(person: Person, urls: readonly string[], start: string, times: number) {
  const log: ReceivedEvent[] = [];
  let position = start;
  for (let time = 0; time < times; time++) {
    await using stream = await open(person, anyOf(urls), position);
    await randomPause(longestConnectionMs);
    await stream[Symbol.asyncDispose]();
    log.push(...stream.received);
    position = log.at(-1)?.id ?? start;
  }
  return log;
}

async function readUpTo(person: Person, url: string, from: string, to: string): Promise<ReceivedEvent[]> {
  if (from === to) return [];
  await using stream = await open(person, url, from);
  await stream.next((_event, id) => id === to, 30_000);
  return stream.received.slice(0, stream.received.findIndex(({ id }) => id === to) + 1);
}

function open({ token }: Person, url: string, after: string) {
  return openEventStream(`${url}/events`, { authorization: `Bearer ${token}`, 'last-event-id': after });
}
