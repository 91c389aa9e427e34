/** Clients of the live feed over a WebSocket: the npm package `ws`, and the standard class of Node and browsers. */
import { once } from 'node:events';
import { WebSocket as NpmSocket, type ClientOptions } from 'ws';
import { eventLog, type Client, type EventStream } from '../client.ts';

export interface FeedSocket extends EventStream {
  /** Every frame that is not an event, in order. */
  readonly others: readonly { readonly type: string }[];
  /** Resolves with the answer to the hello; rejects when the server closes instead. */
  readonly welcomed: Promise<void>;
  /** Sends a frame: unchanged when it is text or bytes, otherwise as JSON. */
  send(frame: unknown): void;
  /** The close code, once the server has closed. */
  readonly closed: Promise<number>;
}

/** As browsers and `ws` have it. */
interface AnySocket {
  addEventListener(type: 'message' | 'close', listener: (event: any) => void): void;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

const socketUrl = (url: string, query = '') => `${url.replace(/^http/, 'ws')}/ws${query}`;

export interface Opening {
  readonly after?: string | null;
  /** Another process. */
  readonly url: string;
  readonly options?: ClientOptions;
  /** `Accept-Language` of the request for a ticket. */
  readonly language?: string;
}

/** Opens a connection with `ws` and a bearer token, and sends nothing. Rejects with the status when it is refused. */
export async function openSilently(user: Client, { url, options = {} }: Opening): Promise<FeedSocket> {
  const headers = { authorization: `Bearer ${user.tokens.access_token}`, ...options.headers };
  const socket = new NpmSocket(socketUrl(url), { ...options, headers });
  const feed = follow(socket);
  const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => {
    throw new Error(`refused: ${statusCode}`);
  });
  // The one that loses may still fail.
  refused.catch(() => {});
  await Promise.race([once(socket, 'open'), refused]);
  return feed;
}

/** Opens a connection and sends `hello`. Resolves once the server has answered. */
export async function openFeedSocket(user: Client, opening: Opening): Promise<FeedSocket> {
  return greet(await openSilently(user, opening), opening.after ?? null);
}

/** Opens a connection with the standard class and a ticket, and sends `hello`. */
export async function openBrowserSocket(
  user: Client,
  { url, after = null, language = '*' }: Opening,
): Promise<FeedSocket> {
  const { body } = await user.call('POST', '/events/ticket', { headers: { 'accept-language': language } });
  const socket = new WebSocket(socketUrl(url, `?ticket=${body.ticket}`));
  const feed = follow(socket);
  await once(socket, 'open');
  return greet(feed, after);
}

async function greet(feed: FeedSocket, resumeFrom: string | null): Promise<FeedSocket> {
  feed.send({ type: 'hello', resume_from: resumeFrom });
  await feed.welcomed;
  return feed;
}

function follow(socket: AnySocket): FeedSocket {
  const log = eventLog();
  const others: { type: string }[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  const welcome = Promise.withResolvers<void>();
  welcome.promise.catch(() => {});
  let position = '';
  socket.addEventListener('message', ({ data }: { data: string }) => {
    const { id, ...event } = JSON.parse(data);
    position = id ?? event.position ?? position;
    if (event.type === 'welcome') welcome.resolve();
    if (/^(welcome|ping|pong)$/.test(event.type)) others.push(event);
    else log.add({ id: position, event });
  });
  socket.addEventListener('close', ({ code }: { code: number }) => {
    welcome.reject(new Error(`closed with ${code} instead of a welcome`));
    resolve(code);
  });
  return {
    received: log.received,
    others,
    welcomed: welcome.promise,
    get position() {
      return position;
    },
    next: log.next,
    send: (frame) =>
      socket.send(typeof frame === 'string' || frame instanceof Uint8Array ? (frame as string) : JSON.stringify(frame)),
    closed,
    ended: closed.then(() => {}),
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}
