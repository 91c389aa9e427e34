/** Thousands of connections that send prepared requests and obey Retry-After, with little CPU. */
import { once } from 'node:events';
import net from 'node:net';

export interface Flood {
  readonly accepted: number;
  readonly shed: number;
  /** Refusals without Retry-After. */
  readonly shedWithoutRetryAfter: number;
  /** Other answers and broken connections, with the number of each. */
  readonly others: ReadonlyMap<string, number>;
  /** Stops sending; resolves when every request is answered. */
  stop(): Promise<void>;
}

export interface FloodOptions {
  readonly url: string;
  readonly path: string;
  readonly body: unknown;
  /** One for each user; connections alternate between them. */
  readonly tokens: readonly string[];
  readonly connections: number;
}

/** A thousand new connections a second. */
const connectAtOnce = 100;
const connectEveryMs = 100;

export async function openFlood(options: FloodOptions): Promise<Flood> {
  const counts = { accepted: 0, shed: 0, shedWithoutRetryAfter: 0 };
  const others = new Map<string, number>();
  const running: Promise<void>[] = [];
  let stopping = false;

  /** Counts an answer; returns its Retry-After in ms. */
  const note = (head: string) => {
    const status = head.slice(9, 12);
    if (status === '202') counts.accepted++;
    else if (status === '503') {
      counts.shed++;
      const seconds = /^retry-after: (\d+)/im.exec(head)?.[1];
      if (seconds !== undefined) return Number(seconds) * 1000;
      counts.shedWithoutRetryAfter++;
    } else others.set(status, (others.get(status) ?? 0) + 1);
    return 0;
  };
  const broke = (error: NodeJS.ErrnoException) => {
    const what = error.code ?? error.message;
    others.set(what, (others.get(what) ?? 0) + 1);
  };

  for (let index = 0; index < options.connections; index++) {
    const request = prepare(options, options.tokens[index % options.tokens.length]!);
    running.push(keepSending(options, request, note, () => stopping).catch(broke));
    if (index % connectAtOnce === 0) await new Promise((resolve) => setTimeout(resolve, connectEveryMs));
  }
  return {
    get accepted() {
      return counts.accepted;
    },
    get shed() {
      return counts.shed;
    },
    get shedWithoutRetryAfter() {
      return counts.shedWithoutRetryAfter;
    },
    others,
    async stop() {
      stopping = true;
      await Promise.all(running);
    },
  };
}

function prepare({ url, path, body }: FloodOptions, token: string): string {
  const text = JSON.stringify(body);
  return [
    `POST ${path} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
    '',
    text,
  ].join('\r\n');
}

async function keepSending(
  { url }: FloodOptions,
  request: string,
  note: (head: string) => number,
  isStopping: () => boolean,
): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  try {
    for (const answers = answersOf(socket); !isStopping();) {
      socket.write(request);
      const { value, done } = await answers.next();
      if (done) throw new Error('the connection ended');
      const stayAwayMs = note(value);
      if (stayAwayMs > 0) await new Promise((resolve) => setTimeout(resolve, stayAwayMs));
    }
  } finally {
    socket.destroy();
  }
}

/** Yields the head of each answer once its body has arrived. */
async function* answersOf(socket: net.Socket): AsyncGenerator<string, void, void> {
  let received = '';
  for await (const chunk of socket) {
    received += (chunk as Buffer).toString('latin1');
    const end = received.indexOf('\r\n\r\n');
    if (end === -1) continue;
    const head = received.slice(0, end + 2);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    if (received.length < end + 4 + length) continue;
    received = received.slice(end + 4 + length);
    yield head;
  }
}
