/** A fake push service (RFC 8030) and its browsers, whose decryption (RFC 8291) and check of signatures are not ours. */
import { createECDH, randomBytes, type ECDH } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { decrypt } from 'http_ece';
import { importJWK, jwtVerify } from 'jose';
import type { PushMessage } from '../../contract/push.ts';
import { listen } from './listen.ts';

export interface ReceivedPush {
  readonly message: PushMessage;
  readonly topic: string | null;
  readonly ttlSeconds: number;
  /** The `sub` of the signature. */
  readonly subject: string;
  readonly at: number;
}

/** A browser's subscription, as `PushSubscription.toJSON` returns it. */
export interface FakeBrowser {
  readonly subscription: {
    readonly endpoint: string;
    readonly keys: { readonly p256dh: string; readonly auth: string };
  };
  /** What it could decrypt, oldest first. */
  received(): readonly ReceivedPush[];
}

export type PushBehaviour =
  | { readonly status: number; readonly retryAfter?: string }
  /** Cuts the connection after the message was accepted. */
  | 'lost';

export interface FakePushService extends AsyncDisposable {
  readonly origin: string;
  /** A browser that accepts messages of the server with this public key alone. */
  subscribe(applicationServerKey: string): FakeBrowser;
  /** Behaviours of the next requests, one each. */
  next(...behaviours: readonly PushBehaviour[]): void;
  /** Requests so far, refused ones included. */
  requests(): number;
  /** Why requests were refused that are not as the standards want them. */
  faults(): readonly string[];
}

interface Subscribed {
  readonly keys: ECDH;
  readonly auth: Buffer;
  readonly serverKey: string;
  readonly received: ReceivedPush[];
}

export async function startFakePushService(): Promise<FakePushService> {
  const browsers = new Map<string, Subscribed>();
  const queue: PushBehaviour[] = [];
  const faults: string[] = [];
  let requests = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1;
    const body = await buffer(request);
    const browser = browsers.get(request.url ?? '');
    const behaviour = queue.shift();
    if (typeof behaviour === 'object') {
      response.writeHead(behaviour.status, behaviour.retryAfter ? { 'retry-after': behaviour.retryAfter } : {}).end();
      return;
    }
    if (!browser) return void response.writeHead(410).end();
    try {
      browser.received.push(await read(request, body, browser, origin));
    } catch (error) {
      faults.push(String(error));
      return void response.writeHead(400).end();
    }
    if (behaviour === 'lost') return request.socket.resetAndDestroy() as never;
    response.writeHead(201, { location: `${origin}/message` }).end();
  }

  const listening = await listen(answer);
  const origin = listening.url;

  return {
    origin,
    subscribe(serverKey) {
      const keys = createECDH('prime256v1');
      keys.generateKeys();
      const auth = randomBytes(16);
      const path = `/send/${randomBytes(9).toString('base64url')}`;
      const received: ReceivedPush[] = [];
      browsers.set(path, { keys, auth, serverKey, received });
      return {
        subscription: {
          endpoint: origin + path,
          keys: { p256dh: keys.getPublicKey('base64url'), auth: auth.toString('base64url') },
        },
        received: () => [...received],
      };
    },
    next: (...behaviours) => void queue.push(...behaviours),
    requests: () => requests,
    faults: () => [...faults],
    [Symbol.asyncDispose]: listening[Symbol.asyncDispose],
  };
}

async function read(
  { method, headers }: IncomingMessage,
  body: Buffer,
  { keys, auth, serverKey }: Subscribed,
  origin: string,
): Promise<ReceivedPush> {
  if (method !== 'POST' || headers['content-encoding'] !== 'aes128gcm') throw new Error('not a message of RFC 8291');
  if (body.length > 4096) throw new Error('longer than a push service must take');
  const topic = headers.topic === undefined ? null : String(headers.topic);
  if (topic !== null && !/^[\w-]{1,32}$/.test(topic)) throw new Error(`the topic ${topic}`);
  const subject = await signatureOf(headers.authorization ?? '', serverKey, origin);
  const text = decrypt(body, { version: 'aes128gcm', privateKey: keys, authSecret: auth.toString('base64url') });
  return {
    message: JSON.parse(text.toString()) as PushMessage,
    topic,
    ttlSeconds: Number(headers.ttl),
    subject,
    at: Date.now(),
  };
}

/** Verifies `vapid t=…, k=…` (RFC 8292) and returns the subject. */
async function signatureOf(authorization: string, serverKey: string, origin: string): Promise<string> {
  const [, token, key] = /^vapid t=([\w.-]+), *k=([\w-]+)$/.exec(authorization) ?? [];
  if (token === undefined || key !== serverKey) throw new Error('signed with another key');
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  const publicKey = await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256');
  const { payload } = await jwtVerify(token, publicKey, { audience: origin, algorithms: ['ES256'] });
  if (payload.exp === undefined || payload.exp * 1000 > Date.now() + 24 * 3600_000) throw new Error('valid too long');
  return String(payload.sub);
}
