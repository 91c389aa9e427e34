/** Which web pages of other origins may read our answers. */
import { afterAll, describe, expect, it } from 'vitest';
import { anyPlace, startProduct, type Environment, type RunningProduct } from '../harness.ts';

const foreign = 'https://elsewhere.example';
const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

async function start(environment: Environment): Promise<RunningProduct> {
  const place = cleanUp.use(await anyPlace());
  return cleanUp.use(await startProduct(place, { environment }));
}

/** The origin that an answer to a page of `origin` may be read by, null when none. */
async function readableBy({ url }: RunningProduct, origin: string): Promise<string | null> {
  const answer = await fetch(`${url}/health/live`, { headers: { origin } });
  expect(answer.status).toBe(200);
  return answer.headers.get('access-control-allow-origin');
}

/** What a browser may do after it asked whether it may. */
async function preflight({ url }: RunningProduct, origin: string) {
  const answer = await fetch(`${url}/chatroom`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization' },
  });
  const list = (name: string) => answer.headers.get(name)?.split(/, */) ?? [];
  return { origin: answer.headers.get('access-control-allow-origin'), methods: list('access-control-allow-methods') };
}

describe('pages of other origins', () => {
  it('read nothing unless a setting names them', async () => {
    const product = await start({});
    expect(await readableBy(product, foreign)).toBeNull();
    expect((await preflight(product, foreign)).origin).toBeNull();
  });

  it('read what they are named for, and no other', async () => {
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

  it('are all allowed by a star', async () => {
    const product = await start({ CORS_ORIGINS: '*' });
    expect(await readableBy(product, foreign)).toBe('*');
    const { origin, methods } = await preflight(product, foreign);
    expect(origin).toBe('*');
    expect(methods).toEqual(expect.arrayContaining(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']));
  });

  it('are allowed from FRONTEND_URL, of which only the origin counts', async () => {
    const product = await start({ FRONTEND_URL: 'https://chat.example/some/path/' });
    expect(await readableBy(product, 'https://chat.example')).toBe('https://chat.example');
    expect(await readableBy(product, 'https://other.example')).toBeNull();
  });

  it('may read the headers that the contract names', async () => {
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
