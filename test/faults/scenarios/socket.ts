/** The socket: to every kind of client it delivers the bytes of the stream, through disconnects and rolling restarts. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, openPage } from '../../contract/chromium.ts';
import {
  classReader,
  npmReader,
  pageReader,
  parsed,
  readInPieces,
  streamReader,
  type Pieces,
  type Reader,
} from '../../events/byte-readers.ts';
import { randomFrom, seed } from '../../random.ts';
import { balance, type Balancer } from '../balancer.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { compareLogs, wrongText, type Asked } from '../heard.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import type { Service } from '../service.ts';
import { randomPause, until } from '../waiting.ts';

const people = 4;
const chunks = 30;
const longestVisit = 12;
const lastRoom = 'The last room';
const last = `"name":"${lastRoom}"`;
const untilTheLast = () => true;

export const socket: Scenario = {
  name: 'socket',
  promise: 'Socket and stream deliver the same bytes through random disconnects and rolling restarts',
  missing: chromium === null ? 'a Chromium' : null,
  async run(stage, counts) {
    const disconnects = counts(1000, 100, 20);
    const restarts = counts(20, 5, 1);
    await using home = await servePage();
    const roles = ['api', 'worker', 'api', 'worker', 'api'] as const;
    const services = await Promise.all(roles.map((role) => stage.start(role, { CORS_ORIGINS: home.origin })));
    const urls = services.map(({ url }) => url).filter(Boolean);
    const crowd = await signInUsers(urls[0]!, people, 3);
    // Basic would answer only two of three rooms at once.
    await stage.sql(`update users set tier = 'Pro'`);
    await using page = await openPage();
    await page.open(home.origin);
    const restarted = new AbortController();
    const audience: Audience = {
      urls,
      balancer: balance(urls),
      run: page.run,
      goesOn: (visits) => visits < disconnects / (people * 5) || !restarted.signal.aborted,
      answered: async (replies) => {
        const ids = replies.map(({ id }) => id);
        const unfinished = `select from replies where message_id = any ($1) and status in ('queued', 'generating')`;
        await until('all replies end', 90_000, async () => (await stage.sql(unfinished, [ids])).length === 0);
      },
    };
    const following = Promise.all(crowd.map((person, n) => follow(person, seed + 10 * n, audience)));
    // Reported below, once the restarts are over.
    following.catch(() => {});
    const broken = await restartInTurn(services, restarts);
    restarted.abort();
    const found = await following;
    const sum = (count: (one: Found) => number) => found.reduce((total, one) => total + count(one), 0);
    const visits = sum((one) => one.visits);
    const codes = found.flatMap((one) => one.codes);
    return {
      faults: visits + restarts,
      operations: sum((one) => one.events),
      lost: sum((one) => one.missing),
      doubled: sum((one) => one.repeated),
      worstRecoverySeconds: null,
      broken: [
        ...broken,
        ...found.flatMap((one) => one.broken),
        ...codes.filter((code) => code !== 1012).map((code) => `a socket was closed with ${code}`),
      ],
      note: `operations are events read over the stream, with ws, and with the sockets of Node and Chromium; ${sum((one) => one.replies)} replies compared byte for byte; ${restarts} restarts, which closed ${codes.length} sockets with 1012`,
      shorter: lessThan(1000, visits, 'disconnects') ?? lessThan(20, restarts, 'restarts'),
    };
  },
};

interface Audience extends Pick<Pieces, 'urls' | 'goesOn'> {
  readonly balancer: Balancer;
  readonly run: Parameters<typeof pageReader>[1];
  /** Resolves when all these replies have ended. */
  readonly answered: (replies: readonly Asked[]) => Promise<void>;
}

interface Found {
  readonly events: number;
  readonly visits: number;
  readonly codes: readonly number[];
  readonly missing: number;
  readonly repeated: number;
  readonly replies: number;
  readonly broken: readonly string[];
}

/** One reader comes back only after restarts; the others leave all the time. In the end all must have read the same. */
async function follow(person: Person, seed: number, audience: Audience): Promise<Found> {
  const { urls, balancer, run, goesOn, answered } = audience;
  const { client, token } = person;
  await using feed = await client.events();
  await until('the feed has a position', 10_000, () => feed.position !== '');
  const start = feed.position;
  const steady = readInPieces(streamReader(token), {
    urls,
    random: randomFrom(seed),
    after: start,
    longestVisit: 2 ** 31,
    goesOn: untilTheLast,
    last,
  });
  const readers: readonly Reader[] = [
    streamReader(token),
    npmReader(token),
    npmReader(token),
    classReader(token),
    pageReader(token, run),
  ];
  const done = new AbortController();
  const asked = askThroughout(person, balancer, done.signal);
  const read = (reader: Reader, n: number, after: string, goesOn: Pieces['goesOn']) =>
    readInPieces(reader, { urls, random: randomFrom(seed + 1 + n), after, longestVisit, goesOn, last });
  const begun = await Promise.all(readers.map((reader, n) => read(reader, n, start, goesOn)));
  done.abort();
  const replies = await asked;
  await answered(replies);
  await until('the last room is created', 60_000, async () => {
    const answer = await balancer.send('POST', '/chatroom', { token, body: { name: lastRoom } });
    return typeof answer !== 'string' && answer.status === 201;
  });
  const ended = await Promise.all(
    readers.map((reader, n) => read(reader, n, begun[n]!.told.at(-1)?.id ?? start, untilTheLast)),
  );
  const entries = (told: readonly { id: string; data: string }[]) => told.map(({ id, data }) => `${id} ${data}`);
  const expected = entries((await steady).told);
  const logs = begun.map(({ told }, n) => [...told, ...ended[n]!.told]);
  const differences = logs.map((log) => compareLogs(expected, entries(log)));
  return {
    events: logs.reduce((sum, log) => sum + log.length, 0),
    visits: [...begun, ...ended].reduce((sum, { visits }) => sum + visits, 0),
    codes: [...begun, ...ended].flatMap(({ codes }) => codes),
    missing: differences.reduce((sum, one) => sum + one.missing, 0),
    repeated: differences.reduce((sum, one) => sum + one.repeated, 0),
    replies: replies.length * logs.length,
    broken: logs.flatMap((log) => {
      const byReply = Map.groupBy(parsed(log), ({ event }) => ('message_id' in event ? event.message_id : null));
      return replies.flatMap((reply) => wrongText(byReply.get(reply.id) ?? [], reply, chunks));
    }),
  };
}

async function askThroughout({ token, rooms }: Person, balancer: Balancer, signal: AbortSignal): Promise<Asked[]> {
  const replies: Asked[] = [];
  for (let turn = 0; !signal.aborted; turn++) {
    const content = `Part ${turn} [[chunks:${chunks}]][[delay:30]]`;
    const path = `/chatroom/${rooms[turn % rooms.length]}/message`;
    const answer = await balancer.send('POST', path, { token, body: { content } });
    if (typeof answer !== 'string' && answer.status === 202) replies.push({ id: answer.body.reply.id, content });
    // A busy machine may refuse or cut some, which other scenarios are about.
    else if (typeof answer !== 'string' && answer.status !== 503)
      throw new Error(`a question was answered ${JSON.stringify(answer)}`);
    // A feed holds 1 MiB, and readers who are away for longer than that are reset, which other scenarios are about.
    await randomPause(3000);
  }
  return replies;
}

/** Restarts one process after another. Returns what went wrong. */
async function restartInTurn(services: readonly Service[], restarts: number): Promise<string[]> {
  const broken: string[] = [];
  for (let restart = 0; restart < restarts; restart++) {
    await randomPause(1000);
    const service = services[restart % services.length]!;
    const code = await service.kill('SIGTERM');
    if (code !== 0) broken.push(`a ${service.role} process ended with ${code}`);
    await service.start();
  }
  return broken;
}

/** An empty page, whose origin the product allows. */
async function servePage(): Promise<{ readonly origin: string } & AsyncDisposable> {
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>A reader</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
