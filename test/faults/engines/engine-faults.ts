/** The faults injected into every engine, at the same times for the same seed. */
import type { Random } from '../../random.ts';
import type { PostgresServer } from '../postgres-server.ts';
import type { Stage } from '../stage.ts';
import { pause } from '../waiting.ts';
import type { EngineWorker } from './engine.ts';

export interface EngineFault {
  readonly name: string;
  /** Injects the fault `times` times; returns the times, in milliseconds since the epoch. */
  inject(stage: Stage, workers: readonly EngineWorker[], random: Random): Promise<number[]>;
}

/** Longer than BullMQ's lock of 30 s plus the two checks that its takeover may need. */
const frozenMs = 95_000;

export const engineFaults: readonly EngineFault[] = [
  {
    name: 'kill -9 of a worker, 10 times',
    inject: (_stage, workers, random) =>
      repeatedly(10, random, async () => {
        const victim = workers[random(workers.length)]!;
        await victim.kill('SIGKILL');
        await victim.start();
      }),
  },
  {
    name: `2 of 4 workers frozen for ${frozenMs / 1000} s`,
    async inject(_stage, workers, random) {
      const frozen = workers.slice(0, 2);
      await pause(3000 + random(2000));
      const at = Date.now();
      for (const worker of frozen) await worker.kill('SIGSTOP');
      await pause(frozenMs);
      for (const worker of frozen) await worker.kill('SIGCONT');
      return [at];
    },
  },
  {
    name: 'Redis FLUSHALL, 6 times',
    inject: ({ redis }, _workers, random) => repeatedly(6, random, () => flush(redis.url)),
  },
  {
    name: 'Redis killed and restarted, 6 times',
    inject: ({ redis }, _workers, random) =>
      repeatedly(6, random, async () => {
        await redis.kill();
        await pause(500);
        await redis.restart();
      }),
  },
  {
    name: 'PostgreSQL killed and restarted, 6 times',
    inject: ({ postgres }, _workers, random) => repeatedly(6, random, () => restart(postgres, random)),
  },
];

async function repeatedly(times: number, random: Random, once: () => Promise<void>): Promise<number[]> {
  const moments: number[] = [];
  for (let turn = 0; turn < times; turn++) {
    await pause(2000 + random(5000));
    moments.push(Date.now());
    await once();
  }
  return moments;
}

async function flush(url: string): Promise<void> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url);
  await client.flushall();
  client.disconnect();
}

async function restart(postgres: PostgresServer, random: Random): Promise<void> {
  await postgres.kill();
  await pause(500 + random(1500));
  await postgres.start();
}
