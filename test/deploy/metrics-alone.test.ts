/** `/metrics` has no dependencies: a scrape is answered at once during any outage, without stale values. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cuttableProxy, type CuttableProxy } from '../cuttable-proxy.ts';
import { distributedPlace, startProduct, type RunningProduct } from '../harness.ts';
import { services } from '../services.ts';
import { scrape } from './scrape.ts';

const darkForMs = 2000;
const scrapeWithinMs = 500;
const queueFigures = ['pollux_queue_depth', 'pollux_queue_oldest_seconds', 'pollux_workers_alive'];

describe.skipIf(!services.postgres || !services.redis)('a scrape', () => {
  const cleanUp = new AsyncDisposableStack();
  let proxy: CuttableProxy;
  let running: RunningProduct;

  beforeAll(async () => {
    const place = cleanUp.use(await distributedPlace());
    const direct = new URL(place.environment.DATABASE_URL!);
    proxy = cleanUp.use(await cuttableProxy(Number(direct.port || 5432)));
    const DATABASE_URL = Object.assign(new URL(direct), { hostname: '127.0.0.1', port: String(proxy.port) }).href;
    running = cleanUp.use(await startProduct(place, { environment: { DATABASE_URL } }));
  });
  afterAll(() => cleanUp.disposeAsync());

  const figures = async () => {
    const { value } = await scrape(running.url);
    return queueFigures.map((name) => value(name));
  };

  it('reports the queue as sampled', async () => {
    await expect.poll(figures, { timeout: 10_000 }).toEqual([0, 0, 1]);
  });

  it('is answered at once while the database does not answer', { timeout: 60_000 }, async () => {
    proxy.blackOut();
    const darkSince = performance.now();
    while (performance.now() - darkSince < darkForMs) {
      const startedAt = performance.now();
      const { value } = await scrape(running.url);
      expect(performance.now() - startedAt).toBeLessThan(scrapeWithinMs);
      expect(value('process_start_time_seconds')).not.toBeNull();
    }
    // Cuts the connections, so that nothing waits for the silent server any longer.
    proxy.refuse();
    await expect.poll(figures, { timeout: 20_000 }).toEqual([null, null, null]);
    proxy.heal();
    await expect.poll(figures, { timeout: 20_000 }).toEqual([0, 0, 1]);
  });
});
