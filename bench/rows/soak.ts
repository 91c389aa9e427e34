/** Ten minutes at half load: the memory of API, worker and Redis does not grow. Runs only by name, because it is long. */
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Bed } from '../bed.ts';
import { thousands, type Line } from '../line.ts';
import type { LiveReport, LiveTask } from '../load/live.ts';
import { spreadOf } from '../measure.ts';
import { addPeople } from '../people.ts';

const wholeSeconds = 600;
/** About half a core for API and worker; few enough users that their feeds are soon full. */
const asking = 25;
const question = 'What comes after this? [[first:300]][[chunks:50]][[delay:40]]';
const thinkMs = 100;
const tripMs = 2400;
/** Largest ratio of later to earlier memory that does not count as growth. */
const mostGrowth = 1.1;

export async function soak(bed: Bed): Promise<Line[]> {
  const place = await bed.place('soak');
  await using api = await bed.product('api', place);
  await using worker = await bed.product('worker', place);
  const redis = new Redis(bed.redisUrl);
  const sides: Readonly<Record<string, () => number | Promise<number>>> = {
    API: () => api.child.rssMb(),
    worker: () => worker.child.rssMb(),
    Redis: async () => Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))![1]) / 2 ** 20,
  };
  const samples = Object.fromEntries(Object.keys(sides).map((name) => [name, [] as number[]]));
  const task: LiveTask = {
    urls: [api.url],
    people: await addPeople(place.DATABASE_URL!, asking),
    asking,
    thinkMs,
    spreadMs: tripMs,
    question,
    warmUpSeconds: tripMs / 1000,
    seconds: wholeSeconds * bed.scale.size,
  };
  const cpuBefore = api.child.cpuSeconds() + worker.child.cpuSeconds();
  const startedAt = performance.now();
  let isOver = false;
  const load = bed.load('live', task).finally(() => (isOver = true)) as Promise<LiveReport>;
  while (!isOver) {
    for (const [name, read] of Object.entries(sides)) samples[name]!.push(await read());
    await Promise.race([pause(1000), load]);
  }
  const { rate } = await load;
  redis.disconnect();
  const busy = (api.child.cpuSeconds() + worker.child.cpuSeconds() - cpuBefore) / (performance.now() - startedAt);
  return Object.entries(samples).map(([name, values]): Line => {
    const third = Math.floor(values.length / 3);
    const [middle, last] = [spreadOf(values.slice(third, 2 * third)), spreadOf(values.slice(2 * third))];
    const growth = last.median / middle.median;
    return {
      name: `soak, memory of ${name}`,
      ours: `${last.median.toFixed(0)} MB`,
      bare: `${middle.median.toFixed(0)} MB (middle third)`,
      ratio: spreadOf([growth, last.lowest / middle.median, last.highest / middle.median]),
      goal: `≤ ${mostGrowth}`,
      met: growth <= mostGrowth,
      note:
        name === 'API'
          ? `${thousands(task.seconds)} s, ${rate.toFixed(1)} answers/s; API and worker together used ${Math.round(busy * 100_000)} % of a core.`
          : '',
    };
  });
}
