/** A simple client of the public contract, written with `fetch`. */
import { randomInt } from 'node:crypto';
import type { TokenPair } from '../server/accounts/sessions.ts';
import type { FeedEvent } from '../contract/events.ts';

export interface Answer<T = any> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Another process of the same product. */
  readonly url?: string;
}

/** Sends one request and reads the answer, JSON or not. */
export async function request(method: string, url: string, { body, headers }: RequestOptions = {}): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** A phone number that is unique in this run. */
export function freshNumber(): string {
  return `+1${randomInt(10 ** 9, 10 ** 10 - 1)}`;
}

export interface Client {
  readonly number: string;
  readonly tokens: TokenPair;
  /** `call('POST', '/chatroom', { body })` as this user. */
  call(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** Creates a room and returns its id. */
  room(name?: string): Promise<number>;
  /** Sends a message; returns the answer unchanged. */
  ask(roomId: number, content: string, headers?: Record<string, string>): Promise<Answer>;
  /** Polls the room until it has a reply to `messageId` (or any reply). */
  waitForReply(roomId: number, options?: { messageId?: number; timeoutMs?: number; url?: string }): Promise<any>;
  /** Opens the live feed. */
  events(options?: { after?: string; roomId?: number; url?: string }): Promise<EventStream>;
}

/** Posts, and retries a 503 for a while, because tests share a busy machine. */
async function politePost(url: string, body: unknown): Promise<Answer> {
  const until = Date.now() + 5000;
  for (;;) {
    const answer = await request('POST', url, { body });
    if (answer.status !== 503 || Date.now() > until) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Signs up and in with the echoed code. `verifyUrl` may name another process. */
export async function signIn(url: string, { number = freshNumber(), verifyUrl = url } = {}): Promise<Client> {
  const signedUp = await politePost(`${url}/auth/signup`, { mobile_number: number });
  const sent = await politePost(`${url}/auth/send-otp`, { mobile_number: number });
  const verified = await politePost(`${verifyUrl}/auth/verify-otp`, { mobile_number: number, otp: sent.body.otp });
  if (verified.status !== 200)
    throw new Error(`sign-in failed: ${JSON.stringify([signedUp.body, sent.body, verified.body])}`);
  return clientOf(url, number, verified.body);
}

/** A client for existing tokens. */
export function clientOf(url: string, number: string, tokens: TokenPair): Client {
  const authorization = `Bearer ${tokens.access_token}`;
  const call: Client['call'] = (method, path, options = {}) =>
    request(method, `${options.url ?? url}${path}`, { ...options, headers: { authorization, ...options.headers } });
  return {
    number,
    tokens,
    call,
    async room(name = 'A room') {
      const made = await call('POST', '/chatroom', { body: { name } });
      return made.body.id;
    },
    ask: (roomId, content, headers = {}) => call('POST', `/chatroom/${roomId}/message`, { body: { content }, headers }),
    async waitForReply(roomId, { messageId, timeoutMs = 15_000, url: from } = {}) {
      const until = Date.now() + timeoutMs;
      for (;;) {
        const { body } = await call('GET', `/chatroom/${roomId}/messages`, from === undefined ? {} : { url: from });
        const found = body.find?.(
          (entry: any) => !entry.is_from_user && (messageId === undefined || entry.in_reply_to === messageId),
        );
        if (found) return found;
        if (Date.now() > until) throw new Error(`no reply within ${timeoutMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    events: ({ after, roomId, url: from = url } = {}) =>
      openEventStream(`${from}/events${roomId === undefined ? '' : `?chatroom_id=${roomId}`}`, {
        authorization,
        ...(after !== undefined && { 'last-event-id': after }),
      }),
  };
}

export interface ReceivedEvent {
  readonly id: string;
  readonly event: FeedEvent;
}

export interface EventStream extends AsyncDisposable {
  /** All events received so far. */
  readonly received: readonly ReceivedEvent[];
  /** The position to resume from. */
  readonly position: string;
  /** Resolves with the first matching event, already received or future. */
  next(matches: (event: any, id: string) => boolean, timeoutMs?: number): Promise<ReceivedEvent>;
  /** Resolves when the server ends the stream. */
  readonly ended: Promise<void>;
}

/** What a live connection has received, and waiting for more. */
export interface EventLog {
  readonly received: ReceivedEvent[];
  add(entry: ReceivedEvent): void;
  readonly next: EventStream['next'];
}

export function eventLog(): EventLog {
  const received: ReceivedEvent[] = [];
  const waiting = new Set<() => void>();
  return {
    received,
    add(entry) {
      received.push(entry);
      for (const wake of waiting) wake();
    },
    next(matches, timeoutMs = 15_000) {
      const { promise, resolve, reject } = Promise.withResolvers<ReceivedEvent>();
      const look = () => {
        const found = received.find(({ event, id }) => matches(event, id));
        if (found) resolve(found);
      };
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `no such event within ${timeoutMs} ms; got ${received.map(({ event }) => event.type).join(', ')}`,
            ),
          ),
        timeoutMs,
      );
      waiting.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(look);
      });
    },
  };
}

/** Reads server-sent events with `fetch`; rejects when the answer is not a stream. */
export async function openEventStream(url: string, headers: Record<string, string>): Promise<EventStream> {
  const controller = new AbortController();
  const response = await fetch(url, { headers, signal: controller.signal });
  if (response.status !== 200 || !response.body)
    throw new Error(`no stream: ${response.status} ${await response.text()}`);
  const log = eventLog();
  let position = '';

  function take(frame: string): void {
    const fields = Object.fromEntries(frame.split('\n').map((line) => line.split(/: ?(.*)/s, 2)));
    if (fields.id !== undefined) position = fields.id;
    if (fields.data !== undefined) log.add({ id: position, event: JSON.parse(fields.data) });
  }

  async function read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let buffer = '';
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      buffer += decoder.decode(chunk, { stream: true });
      const frames = buffer.split('\n\n');
      buffer = frames.pop() ?? '';
      for (const frame of frames) take(frame);
    }
  }

  const ended = read(response.body).catch(() => {});
  return {
    received: log.received,
    get position() {
      return position;
    },
    ended,
    next: log.next,
    async [Symbol.asyncDispose]() {
      controller.abort();
      await ended;
    },
  };
}
