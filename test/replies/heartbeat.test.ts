/** The heartbeat: a worker may take over replies of others only while its own heartbeats are steady. */
import { randomUUID } from 'node:crypto';
import { afterEach, expect, vi } from 'vitest';
import type { Database } from '../../server/ports/database.ts';
import { DatabaseUnavailable } from '../../server/ports/database.ts';
import { heartbeat, type Heartbeat } from '../../server/replies/heartbeat.ts';
import { productTest } from '../fixtures.ts';

const everyMs = 2000;

let away = false;
let heart: Heartbeat;
let workerId: string;

const it = productTest();
it.beforeEach(({ running }) => {
  const { db } = running.product.parts;
  const sometimesAway: Database = {
    ...db,
    run: (statement, values) => (away ? Promise.reject(new DatabaseUnavailable('away')) : db.run(statement, values)),
  };
  workerId = randomUUID();
  heart = heartbeat(sometimesAway, workerId, everyMs);
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(async () => {
  away = false;
  vi.useRealTimers();
  await heart.leave();
});

async function beat(times: number, afterMs = everyMs): Promise<void> {
  for (let n = 0; n < times; n++) {
    vi.advanceTimersByTime(afterMs);
    await heart.beat();
  }
}

it('is steady after three heartbeats in a row', async () => {
  expect(heart.steady).toBe(false);
  await beat(2);
  expect(heart.steady).toBe(false);
  await beat(1);
  expect(heart.steady).toBe(true);
});

it('is not steady while the next heartbeat is late, and starts counting again after a gap', async () => {
  await beat(5);
  vi.advanceTimersByTime(everyMs * 2 - 1);
  expect(heart.steady).toBe(true);
  vi.advanceTimersByTime(1);
  expect(heart.steady).toBe(false);
  await heart.beat();
  expect(heart.steady).toBe(false);
  await beat(1);
  expect(heart.steady).toBe(false);
  await beat(1);
  expect(heart.steady).toBe(true);
});

it('starts counting again after a heartbeat that could not be written', async () => {
  await beat(5);
  away = true;
  await expect(beat(1)).rejects.toThrow(DatabaseUnavailable);
  away = false;
  expect(heart.steady).toBe(false);
  await beat(2, everyMs / 2);
  expect(heart.steady).toBe(false);
  await beat(1);
  expect(heart.steady).toBe(true);
});

it('is one row while the worker runs, and none after it stopped', async ({ sql }) => {
  const rows = () => sql('select from workers where id = $1', [workerId]);
  await beat(2);
  expect(await rows()).toHaveLength(1);
  await heart.leave();
  expect(await rows()).toHaveLength(0);
});
