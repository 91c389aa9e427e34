/** Uploads: large ones, and many side by side, in containers of the shipped size. */
import { randomBytes } from 'node:crypto';
import { pdf } from '../../files/samples.ts';
import { upload } from '../../files/upload-client.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { containerLimitMebibytes, memoryCeilings } from '../memory-ceilings.ts';
import { limitMemory } from '../memory-limit.ts';
import type { Scenario } from '../scenario.ts';
import type { Service } from '../service.ts';
import type { Stage } from '../stage.ts';
import { pause } from '../waiting.ts';

const mebibyte = 1024 * 1024;
/** The largest that the built-in plan takes, less the form around it. */
const largeBytes = 50_000_000 - 1000;
const growthLimitMebibytes = 64;
const settledWithinMs = 300_000;
const people = 10;

export const uploads: Scenario = {
  name: 'uploads',
  promise: 'Files pass through API and worker without filling their memory, and each ends ready or with a reason',
  async run(stage, counts) {
    const many = counts(100, 100, 10);
    await using limits = new AsyncDisposableStack();
    const start = async (role: 'api' | 'worker') => {
      const limit = limitMemory(containerLimitMebibytes[role] * mebibyte);
      if (limit !== null) limits.use(limit);
      return stage.start(role, {}, limit === null ? {} : { launcher: limit.launcher });
    };
    const [api, worker] = [await start('api'), await start('worker')];
    const crowd = await signInUsers(api.url, people, 0);
    await stage.sql(`update users set tier = 'Pro', granted_tier = 'Pro'`);
    // An idle heap grows with the first load in any case.
    const small = await largePdf(100_000);
    for (let n = 0; n < 10; n++) await send(api, crowd[n % people]!, small);
    await settle(stage);
    const large = await largePdf(largeBytes);
    const one = await peaks([api, worker], async () => {
      await send(api, crowd[0]!, large);
      await settle(stage);
    });
    const image = await noise();
    const all = await peaks([api, worker], async () => {
      await Promise.all(Array.from({ length: many }, (_, n) => send(api, crowd[n % people]!, n % 2 ? image : small)));
      await settle(stage);
    });
    const statuses = await stage.sql<{ status: string; count: number }>(
      'select status, count(*)::int as count from files group by status',
    );
    const ready = statuses.find(({ status }) => status === 'ready')?.count ?? 0;
    const total = 10 + 1 + many;
    const [apiGrowth, workerGrowth] = one.growth;
    return {
      faults: total,
      operations: total,
      lost: total - ready,
      doubled: 0,
      worstRecoverySeconds: null,
      broken: [
        ...(apiGrowth! > growthLimitMebibytes ? [`the API grew by ${apiGrowth} MiB`] : []),
        ...(workerGrowth! > growthLimitMebibytes ? [`the worker grew by ${workerGrowth} MiB`] : []),
        ...(all.peak[0]! > memoryCeilings.api ? [`the API held ${all.peak[0]} MiB`] : []),
        ...(all.peak[1]! > memoryCeilings.worker ? [`the worker held ${all.peak[1]} MiB`] : []),
        ...([api, worker].some((service) => service.residentBytes() === 0) ? ['a process died'] : []),
      ],
      note: `a file of ${Math.round(largeBytes / 1e6)} MB: API +${apiGrowth} MiB, worker +${workerGrowth} MiB; ${many} side by side: API at most ${all.peak[0]} MiB, worker ${all.peak[1]} MiB`,
    };
  },
};

/** One page of text in as many bytes. */
async function largePdf(bytes: number): Promise<Buffer<ArrayBuffer>> {
  const paper = pdf(['Some words']);
  const padding = `%${'x'.repeat(99)}\n`.repeat(Math.max(0, Math.ceil((bytes - paper.length) / 101)));
  return Buffer.from(paper.toString('latin1').replace('\n', `\n${padding}`), 'latin1').subarray(0, bytes + 200);
}

/** A PNG image of about 2 MB. */
async function noise(): Promise<Buffer<ArrayBuffer>> {
  const { default: sharp } = await import('sharp');
  const raw = { width: 800, height: 800, channels: 3 } as const;
  return sharp(randomBytes(raw.width * raw.height * raw.channels), { raw })
    .png()
    .toBuffer();
}

async function send({ url }: Service, { client }: Person, bytes: Buffer<ArrayBuffer>): Promise<void> {
  const { status, body } = await upload(url, client, bytes, { name: 'file' });
  if (status !== 201) throw new Error(`an upload was refused: ${status} ${JSON.stringify(body)}`);
}

/** Resolves once no file is processed any more. */
async function settle({ sql }: Stage): Promise<void> {
  for (const giveUpAt = Date.now() + settledWithinMs; ; await pause(100)) {
    const [row] = await sql<{ count: number }>(`select count(*)::int as count from files where status = 'processing'`);
    if (row!.count === 0) return;
    if (Date.now() > giveUpAt) throw new Error(`${row!.count} files are still being processed`);
  }
}

interface Peaks {
  /** MiB of each process. */
  readonly peak: readonly number[];
  readonly growth: readonly number[];
}

/** Resident memory of processes while `work` runs. */
async function peaks(services: readonly Service[], work: () => Promise<void>): Promise<Peaks> {
  const before = services.map((service) => service.residentBytes());
  const peak = [...before];
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      for (const [n, service] of services.entries()) peak[n] = Math.max(peak[n]!, service.residentBytes());
      await pause(10);
    }
  })();
  await work();
  isOver = true;
  await watching;
  const mebibytes = (bytes: number) => Math.round(bytes / mebibyte);
  return { peak: peak.map(mebibytes), growth: peak.map((bytes, n) => mebibytes(bytes - before[n]!)) };
}
