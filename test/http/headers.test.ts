/** Headers that every answer has, whichever part sends it, and headers that keep secrets out of caches. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDocument } from '../contract/document.ts';
import { speakRaw } from '../contract/raw-http.ts';
import { send } from '../contract/send.ts';
import { startWholeProduct, type WholeProduct } from '../contract/whole-product.ts';
import { missing, pathTo } from '../contract/world.ts';
import { freshNumber, request, signIn, type Client } from '../client.ts';
import { distributedPlace, startProduct } from '../harness.ts';
import { services } from '../services.ts';

let product: WholeProduct;
let client: Client;

beforeAll(async () => {
  product = await startWholeProduct({ environment: { CORS_ORIGINS: 'https://app.example.com' } });
  client = await signIn(product.url);
});
afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
});

const typeOptions = ({ headers }: { headers: Headers }) => headers.get('x-content-type-options');

describe('nosniff', () => {
  it('is sent with the answers of every operation, refusals and live feeds included', async () => {
    const { operations } = await readDocument(product.url);
    expect(operations.length).toBeGreaterThan(20);
    for (const operation of operations) {
      const path = pathTo(operation, missing);
      for (const token of [client.tokens.access_token, null]) {
        const answer = await send(product.url, { method: operation.method, path, token });
        expect(typeOptions(answer), operation.id).toBe('nosniff');
      }
    }
  });

  it.each([
    ['a page', 'GET', '/docs'],
    ['a script', 'GET', '/redoc/redoc.js'],
    ['a file of Swagger UI', 'GET', '/docs/static/swagger-ui.css'],
    ['the document', 'GET', '/openapi.json'],
    ['a HEAD', 'HEAD', '/health/live'],
    ['an unknown path', 'GET', '/nothing'],
    ['a path that is none', 'GET', '/%'],
    ['a redirect', 'GET', '/?page'],
  ])('is on %s', async (_what, method, path) => {
    const headers = { accept: 'text/html' };
    const answer = await fetch(product.url + path, { method, headers, redirect: 'manual' });
    expect(typeOptions(answer)).toBe('nosniff');
  });

  it('is sent with the answer to a preflight', async () => {
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' };
    const answer = await fetch(`${product.url}/chatroom`, { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(typeOptions(answer)).toBe('nosniff');
  });

  it('is sent with refusals of the HTTP parser', async () => {
    expect(typeOptions(await speakRaw(product.url, 'words\r\n\r\n'))).toBe('nosniff');
  });

  it.skipIf(!services.postgres || !services.redis)('is sent with the answers of a worker', async () => {
    await using place = await distributedPlace();
    await using worker = await startProduct(place, { role: 'worker', environment: { HEALTH_PORT: '0' } });
    for (const path of ['/health/live', '/metrics', '/nothing', '/%']) {
      expect(typeOptions(await request('GET', worker.operatorUrl + path)), path).toBe('nosniff');
    }
  });
});

describe('answers to a signed-in user', () => {
  it('may be cached by the browser only, with revalidation; refusals too', async () => {
    const { operations } = await readDocument(product.url);
    const noStore = new Set(['createEventTicket', 'createShare', 'listShares']);
    const ours = operations.filter(({ id, secured }) => secured && !noStore.has(id));
    expect(ours.length).toBeGreaterThan(10);
    for (const operation of ours) {
      const path = pathTo(operation, missing);
      const refused = await send(product.url, { method: operation.method, path, token: null });
      expect(refused.headers.get('cache-control'), operation.id).toBe('private, no-cache');
    }
    const reader = await signIn(product.url);
    for (const path of ['/user/me', '/user/sessions', '/chatroom', '/subscribe/status']) {
      const answer = await reader.call('GET', path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control'), path).toBe('private, no-cache');
    }
  });

  it('are not cached when they are a live feed', async () => {
    const { tokens } = await signIn(product.url);
    const headers = { authorization: `Bearer ${tokens.access_token}`, 'if-none-match': '*' };
    const leave = new AbortController();
    const stream = await fetch(`${product.url}/events`, { headers, signal: leave.signal });
    expect(stream.status).toBe(200);
    expect(stream.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(stream.headers.has('etag')).toBe(false);
    leave.abort();
  });
});

describe('answers that contain a token, a ticket or a code', () => {
  it('may not be stored by any cache', async () => {
    const post = (path: string, body: unknown) => request('POST', product.url + path, { body });
    const mobile_number = freshNumber();
    await post('/auth/signup', { mobile_number });
    const code = await post('/auth/send-otp', { mobile_number });
    const tokens = await post('/auth/verify-otp', { mobile_number, otp: code.body.otp });
    const { refresh_token } = tokens.body;
    const answers = [
      code,
      tokens,
      await post('/auth/refresh', { refresh_token }),
      await (await signIn(product.url)).call('POST', '/events/ticket'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 201]);
    for (const { headers } of answers) expect(headers.get('cache-control')).toBe('no-store');
  });

  it('are all operations whose answer has such a member', async () => {
    const { operations } = await readDocument(product.url);
    // A code may be echoed in development, and a shared chat may be deleted at any time.
    const others = new Set(['sendOtp', 'readShared']);
    const secretive = /"(access_token|refresh_token|ticket|otp)":|\/shared\//;
    for (const { id, responses } of operations) {
      const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
      const holds = secretive.test(JSON.stringify(success?.content?.['application/json']?.example ?? {}));
      expect('cache-control' in (success?.headers ?? {}), id).toBe(holds || others.has(id));
    }
  });
});
