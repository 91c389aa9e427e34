/** Send and answer with one, two and four processes each; users' thinking time keeps the cores from being the limit. */
import type { Bed } from '../bed.ts';
import type { Line } from '../line.ts';
import type { LiveReport, LiveTask } from '../load/live.ts';
import { percentile, spreadOf } from '../measure.ts';
import { addPeople } from '../people.ts';

const wholeSizes = [1, 2, 4];
const quickSizes = [1, 2];
const peopleAProcess = 50;
const question = 'What comes after this? [[first:200]][[chunks:50]][[delay:40]]';
const thinkMs = 1000;
/** User-driven rates vary little, so short rounds suffice for three sizes with fifteen rounds each. */
const partOfTime = 0.75;
/** The answer takes 2.2 s; the thinking time passes while users are started. */
const tripMs = 2200;

interface Size {
  readonly rates: number[];
  readonly sendMs: number[];
  /** Part of one core that each kind of process used. */
  readonly busy: Readonly<Record<string, number>>;
}

export async function scale(bed: Bed): Promise<Line[]> {
  const sizes = bed.scale.size === 1 ? wholeSizes : quickSizes;
  const measured: Size[] = [];
  for (const size of sizes) measured.push(await measure(bed, size));
  const one = spreadOf(measured[0]!.rates).median;
  return sizes.map((size, index): Line => {
    const { rates, sendMs, busy } = measured[index]!;
    const { median } = spreadOf(rates);
    const shares = Object.entries(busy).map(([name, share]) => `${name} ${Math.round(share * 100)} %`);
    return {
      name: `scale, ${size} API and ${size} worker${size === 1 ? '' : 's'}`,
      ours: `${median.toFixed(1)} answers/s`,
      bare: size === 1 ? '' : `${size} × ${one.toFixed(1)}/s`,
      ratio: spreadOf(rates.map((rate) => rate / (one * size))),
      goal: '',
      met: null,
      note: `${peopleAProcess * size} people; a send takes p50 ${percentile(sendMs, 0.5).toFixed(1)} ms, p99 ${percentile(sendMs, 0.99).toFixed(1)} ms; of one core: ${shares.join(', ')}.`,
    };
  });
}

async function measure(bed: Bed, size: number): Promise<Size> {
  const place = await bed.place('scale');
  await using opened = new AsyncDisposableStack();
  const apis = [opened.use(await bed.product('api', place))];
  const workers = [opened.use(await bed.product('worker', place))];
  for (let n = 1; n < size; n += 1) {
    apis.push(opened.use(await bed.product('api', place)));
    workers.push(opened.use(await bed.product('worker', place)));
  }
  const people = await addPeople(place.DATABASE_URL!, peopleAProcess * size);
  const task: LiveTask = {
    urls: apis.map(({ url }) => url),
    people,
    asking: people.length,
    thinkMs,
    spreadMs: thinkMs,
    question,
    warmUpSeconds: tripMs / 1000,
    seconds: bed.scale.answerSeconds * partOfTime,
  };
  const kinds = {
    API: () => sum(apis.map(({ child }) => child.cpuSeconds())),
    workers: () => sum(workers.map(({ child }) => child.cpuSeconds())),
    vendor: () => bed.children.gemini.cpuSeconds(),
  };
  const before = Object.entries(kinds).map(([name, read]) => [name, read()] as const);
  const startedAt = performance.now();
  const rates: number[] = [];
  const sendMs: number[] = [];
  for (let round = 0; round < bed.scale.rounds; round += 1) {
    const report = (await bed.load('live', task)) as LiveReport;
    rates.push(report.rate);
    sendMs.push(...report.sendMs);
  }
  const tookSeconds = (performance.now() - startedAt) / 1000;
  const busy = before.map(([name, used]) => [name, (kinds[name as keyof typeof kinds]() - used) / tookSeconds]);
  return { rates, sendMs, busy: Object.fromEntries(busy) as Record<string, number> };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
