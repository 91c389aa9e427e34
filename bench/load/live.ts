/** Users who follow their live feed, ask, wait for the whole answer, think, and ask again. */
import http from 'node:http';
import type { Person } from '../people.ts';

export interface LiveTask {
  /** The API processes; users are spread over them. */
  readonly urls: readonly string[];
  /** All of them follow their feed. */
  readonly people: readonly Person[];
  /** How many ask at a time. */
  readonly asking: number;
  readonly thinkMs: number;
  /** They begin spread over this time; 0: all at once. */
  readonly spreadMs: number;
  readonly question: string;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface LiveReport {
  /** Whole answers a second. */
  readonly rate: number;
  /** From sending the question to the first delta on the live feed. */
  readonly firstMs: readonly number[];
  /** From sending the question to 202. */
  readonly sendMs: readonly number[];
  /** From sending the question to the whole answer. */
  readonly wholeMs: readonly number[];
}

/** Longer than the event names to be found. */
const tailLength = 32;

interface Listener extends Person {
  readonly url: string;
  onFirst: () => void;
  onEnd: (error?: Error) => void;
}

process.once('message', (task) => void run(task as LiveTask));

const agent = new http.Agent({ keepAlive: true });

async function run(task: LiveTask): Promise<void> {
  const listeners: Listener[] = task.people.map((person, index) => ({
    ...person,
    url: task.urls[index % task.urls.length]!,
    onFirst: () => {},
    onEnd: () => {},
  }));
  for (let at = 0; at < listeners.length; at += 50) await Promise.all(listeners.slice(at, at + 50).map(listen));
  const startAt = performance.now() + task.warmUpSeconds * 1000;
  const endAt = startAt + task.seconds * 1000;
  const report = { firstMs: [] as number[], sendMs: [] as number[], wholeMs: [] as number[] };
  let whole = 0;
  const idle = [...listeners];
  await Promise.all(
    Array.from({ length: task.asking }, async (_, index) => {
      await sleep((task.spreadMs * index) / task.asking);
      while (performance.now() < endAt) {
        const person = idle.shift()!;
        const times = await askOnce(person, task.question);
        idle.push(person);
        const now = performance.now();
        if (now >= startAt && now <= endAt) {
          whole += 1;
          report.firstMs.push(times.firstMs);
          report.sendMs.push(times.sendMs);
          report.wholeMs.push(times.wholeMs);
        }
        await sleep(task.thinkMs);
      }
    }),
  );
  process.send?.({ ...report, rate: whole / task.seconds } satisfies LiveReport, () => process.exit(0));
}

async function askOnce(person: Listener, question: string) {
  const askedAt = performance.now();
  let firstMs = 0;
  const ended = new Promise<void>((resolve, reject) => {
    person.onFirst = () => {
      firstMs ||= performance.now() - askedAt;
    };
    person.onEnd = (error) => (error ? reject(error) : resolve());
  });
  await post(person, question);
  const sendMs = performance.now() - askedAt;
  await ended;
  return { firstMs, sendMs, wholeMs: performance.now() - askedAt };
}

function listen(person: Listener): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${person.token}` };
    http.get(`${person.url}/events`, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`no stream: ${response.statusCode}`));
      resolve();
      let tail = '';
      response.setEncoding('latin1').on('data', (chunk: string) => {
        const seen = tail + chunk;
        if (seen.includes('event: reply.delta')) person.onFirst();
        if (seen.includes('event: reply.failed')) person.onEnd(new Error('a reply failed'));
        // Found completely; the part kept for the next chunk must not match again.
        const ended = seen.includes('event: reply.completed');
        if (ended) person.onEnd();
        tail = ended ? '' : seen.slice(-tailLength);
      });
    });
  });
}

function post(person: Listener, content: string): Promise<void> {
  const body = JSON.stringify({ content });
  const headers = {
    authorization: `Bearer ${person.token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const url = `${person.url}/chatroom/${person.roomId}/message`;
    const request = http.request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume();
      response.once('end', () =>
        response.statusCode === 202 ? resolve() : reject(new Error(`not accepted: ${response.statusCode}`)),
      );
    });
    request.once('error', reject);
    request.end(body);
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
