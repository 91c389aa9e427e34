/** `GET /`: what a client learns about a server first. */
import { afterAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { startFakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { hasWebClient } from '../../server/http/web-client.ts';
import { request } from '../client.ts';
import { anyPlace, askAt, startProduct, type Environment } from '../harness.ts';
import { sellThrough } from '../subscriptions/shop.ts';

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());

async function read(environment: Environment) {
  const place = cleanUp.use(await anyPlace());
  const { url } = cleanUp.use(await startProduct(place, { environment }));
  return (await request('GET', `${url}/`)).body;
}

describe('GET /', () => {
  it('returns name, version, time and the oldest supported client', async () => {
    const before = Date.now();
    const info = await read({});
    expect(info).toMatchObject({ name: 'Pollux', version: packageJson.version, status: 'ok', docs: '/docs' });
    expect(info.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(info.time)).toBeGreaterThanOrEqual(before);
    expect(info.min_client).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('lists the features of the server by its settings', async () => {
    const always = [
      'conditional_requests',
      'cookie_sessions',
      'languages',
      'live_events',
      'live_socket',
      'models',
      'push',
      ...(hasWebClient ? ['web_client'] : []),
    ];
    const plain = await read({});
    expect(plain.features).toEqual([...always, 'demo_model'].toSorted());
    const stripe = cleanUp.use(await startFakeStripe());
    const whole = await read({ ...sellThrough(stripe), ...askAt({ url: 'http://127.0.0.1:9' }) });
    expect(whole.features).toEqual([...always, 'billing'].toSorted());
  });
});
