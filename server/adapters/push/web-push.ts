/** Push messages over HTTP (RFC 8030), encrypted for the browser (RFC 8291) and signed with our key (RFC 8292). */
import { createECDH } from 'node:crypto';
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { PushContent, PushKeys, PushOutcome, PushTarget, Push } from '../../ports/push.ts';
import { isPublicHost, lookUpPublic } from './public-host.ts';

export interface WebPushSettings {
  /** How push services reach the operator: a `mailto:` or `https:` address. */
  readonly subject: string;
  /** An origin that is accepted although it is neither https nor public, for tests; null for none. */
  readonly testOrigin: string | null;
  /** 10 seconds by default. */
  readonly timeoutMs?: number;
}

const longestRetryMs = 24 * 60 * 60_000;
const mostIdleConnections = 4;

/** Sends each message once. Follows no redirects and reads no bodies: push services are whatever people name. */
export function webPush({ subject, testOrigin, timeoutMs = 10_000 }: WebPushSettings): Push {
  const agent = new https.Agent({ keepAlive: true, maxFreeSockets: mostIdleConnections, lookup: lookUpPublic });
  const isForTests = (url: URL) => testOrigin !== null && url.origin === testOrigin;

  async function encrypt(target: PushTarget, content: PushContent, keys: PushKeys) {
    const { default: library } = await import('web-push');
    const { endpoint, p256dh, auth } = target;
    return library.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, content.text, {
      vapidDetails: { subject, ...keys },
      TTL: content.ttlSeconds,
      topic: content.topic,
      urgency: 'normal',
      contentEncoding: 'aes128gcm',
    });
  }

  function post(url: URL, { headers, body }: { headers: object; body: Buffer | null }, signal: AbortSignal) {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const options: RequestOptions = { method: 'POST', headers: headers as Record<string, string>, signal };
    const request: ClientRequest = isForTests(url)
      ? http.request(url, options)
      : https.request(url, { ...options, agent });
    request.once('response', resolve).once('error', reject).end(body);
    return promise;
  }

  return {
    createKeys,
    async accepts(endpoint) {
      const url = addressOf(endpoint);
      if (url === null) return false;
      return isForTests(url) || (isUsual(url) && (await isPublicHost(url.hostname)));
    },
    async send(target, content, keys, signal) {
      signal.throwIfAborted();
      const url = addressOf(target.endpoint);
      if (url === null || !(isForTests(url) || isUsual(url))) return { kind: 'refused', reason: 'no public address' };
      let details: Awaited<ReturnType<typeof encrypt>>;
      try {
        details = await encrypt(target, content, keys);
      } catch {
        return { kind: 'refused', reason: 'its keys cannot be used' };
      }
      try {
        const answer = await post(url, details, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
        const outcome = outcomeOf(answer);
        answer.destroy();
        return outcome;
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'later', afterMs: null, reason: codeOf(error) };
      }
    },
  };
}

function createKeys(): PushKeys {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  // Leading zeros are part of the key.
  const privateKey = Buffer.concat([Buffer.alloc(32), pair.getPrivateKey()]).subarray(-32);
  return { publicKey: pair.getPublicKey('base64url'), privateKey: privateKey.toString('base64url') };
}

function addressOf(endpoint: string): URL | null {
  if (!URL.canParse(endpoint)) return null;
  const url = new URL(endpoint);
  return url.username === '' && url.password === '' ? url : null;
}

/** Push services use https on its own port. */
const isUsual = ({ protocol, port }: URL) => protocol === 'https:' && port === '';

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): PushOutcome {
  const reason = `status ${statusCode}`;
  if (statusCode >= 200 && statusCode < 300) return { kind: 'sent' };
  if (statusCode === 404 || statusCode === 410) return { kind: 'gone' };
  if (statusCode === 429 || statusCode >= 500) {
    return { kind: 'later', afterMs: retryAfterMs(headers['retry-after']), reason };
  }
  return { kind: 'refused', reason };
}

/** Seconds or a date (RFC 9110, section 10.2.3), at most a day. */
function retryAfterMs(header: string | undefined): number | null {
  if (header === undefined) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), longestRetryMs);
}

/** Without the message, which may quote an address. */
function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  const word = typeof code === 'string' ? code : String(name);
  return /^\w{2,40}$/.test(word) ? word : 'no connection';
}
