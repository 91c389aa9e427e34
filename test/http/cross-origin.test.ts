/** CORS: which pages of other origins may read answers. */
import { afterAll, describe, expect, it } from 'vitest';
import { anyPlace, startProduct, type Environment, type RunningProduct } from '../harness.ts';

const foreign = 'https://elsewhere.example';
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

async function start(environment: Environment): Promise<RunningProduct> {
  const place = cleanUp.use(await anyPlace());
  return cleanUp.use(await startProduct(place, { environment }));
}

/** The allowed origin of an answer to a page of `origin`, null when none. */
async function readableBy({ url }: RunningProduct, origin: string): Promise<string | null> {
  const answer = await fetch(`${url}/health/live`, { headers: { origin } });
  expect(answer.status).toBe(200);
  return answer.headers.get('access-control-allow-origin');
}

/** What a preflight allows a browser to do. */
async function preflight({ url }: RunningProduct, origin: string) {
  const answer = await fetch(`${url}/chatroom`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization' },
  });
  const list = (name: string) => answer.headers.get(name)?.split(/, */) ?? [];
  return { origin: answer.headers.get('access-control-allow-origin'), methods: list('access-control-allow-methods') };
}

describe('pages of other origins', () => {
  it('may read nothing by default', async () => {
    const product = await start({});
    expect(await readableBy(product, foreign)).toBeNull();
    expect((await preflight(product, foreign)).origin).toBeNull();
  });

  it('may read answers if CORS_ORIGINS names them, and no others may', async () => {
    const product = await start({ CORS_ORIGINS: 'https://one.example, http://two.example:8080' });
    for (const origin of ['https://one.example', 'http://two.example:8080']) {
      expect(await readableBy(product, origin)).toBe(origin);
      expect((await preflight(product, origin)).origin).toBe(origin);
    }
    for (const origin of [foreign, 'http://one.example', 'https://one.example.evil.example', 'null']) {
      expect(await readableBy(product, origin)).toBeNull();
      expect((await preflight(product, origin)).origin).toBeNull();
    }
  });

  it('are all allowed by *', async () => {
    const product = await start({ CORS_ORIGINS: '*' });
    expect(await readableBy(product, foreign)).toBe('*');
    const { origin, methods } = await preflight(product, foreign);
    expect(origin).toBe('*');
    expect(methods).toEqual(expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']));
  });

  it('are allowed from the origin of FRONTEND_URL', async () => {
    const product = await start({ FRONTEND_URL: 'https://chat.example/some/path/' });
    expect(await readableBy(product, 'https://chat.example')).toBe('https://chat.example');
    expect(await readableBy(product, 'https://other.example')).toBeNull();
  });

  it('may read the headers of the contract', async () => {
    const { url } = await start({ CORS_ORIGINS: '*' });
    const answer = await fetch(`${url}/health/live`, { headers: { origin: foreign } });
    const exposed = answer.headers.get('access-control-expose-headers')?.split(/, */) ?? [];
    const named = [
      'content-disposition',
      'etag',
      'link',
      'location',
      'ratelimit',
      'ratelimit-policy',
      'retry-after',
      'x-request-id',
    ];
    expect(exposed.map((name) => name.toLowerCase())).toEqual(expect.arrayContaining(named));
  });
});
