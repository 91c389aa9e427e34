/** Overload: four times the requests that one process handles at once, for minutes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { signInUsers } from '../crowd.ts';
import { openFlood, type Flood } from '../flood.ts';
import { openProbe } from '../probe.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import { pause, percentile } from '../waiting.ts';

/** Warm-up under ordinary load, because a new process runs uncompiled code. */
const ordinaryConnections = 100;
const ordinaryMs = 5000;
/** Requests that `server/http/overload.ts` allows at once. */
const capacity = 1000;
const times = 4;
const healthLimitMs = 500;
/** Largest ratio of later to earlier memory that counts as flat. */
const flatFactor = 1.15;
const entry = fileURLToPath(new URL('../health-probe.ts', import.meta.url));

export const overload: Scenario = {
  name: 'overload',
  promise: '4 × capacity: load is shed with 503 and Retry-After, health answers quickly, memory is flat',
  recoveryLimitSeconds: 10,
  async run(stage, counts) {
    const forSeconds = counts(600, 30, 6);
    const connections = capacity * times;
    const api = await stage.start('api');
    const [person] = await signInUsers(api.url, 1, 1);
    const target = {
      url: api.url,
      path: `/chatroom/${person!.rooms[0]}/message`,
      body: { content: 'One of very many' },
      tokens: [person!.token],
    };
    const ordinary = await openFlood({ ...target, connections: ordinaryConnections });
    await pause(ordinaryMs);
    await ordinary.stop();
    const health = spawn(process.execPath, [entry, `${api.url}/health/live`], { stdio: ['ignore', 'pipe', 'inherit'] });
    const probed = text(health.stdout);
    const flood = await openFlood({ ...target, connections });
    const memory: number[] = [];
    for (let second = 0; second < forSeconds; second++) {
      await pause(1000);
      memory.push(api.residentBytes());
    }
    health.kill('SIGTERM');
    await once(health, 'exit');
    await flood.stop();
    const { tookMs, failed } = JSON.parse(await probed) as { tookMs: number[]; failed: number };
    await stage.start('worker');
    const [row] = await stage.sql<{ stored: number }>(
      `select count(*)::int as stored from messages where is_from_user and content = 'One of very many'`,
    );
    // The backlog of this run need not be answered.
    await stage.sql(`update replies set status = 'cancelled' where status in ('queued', 'generating')`);
    const recovery = await (await openProbe(stage, api.url)).ask();
    const p99 = percentile(tookMs, 0.99);
    const accepted = ordinary.accepted + flood.accepted;
    return {
      faults: flood.shed,
      operations: accepted + flood.shed,
      lost: Math.max(0, accepted - row!.stored),
      doubled: Math.max(0, row!.stored - accepted),
      worstRecoverySeconds: recovery,
      broken: [
        ...problemsOf(flood),
        ...(failed > 0 ? [`${failed} health checks failed`] : []),
        ...(p99 > healthLimitMs ? [`health took ${Math.round(p99)} ms`] : []),
        ...growth(memory),
      ],
      note:
        `${connections} connections for ${forSeconds} s after ${ordinaryMs / 1000} s of ordinary load: ${flood.accepted} accepted, ${flood.shed} shed; ` +
        `health median ${Math.round(percentile(tookMs, 0.5))} ms, p99 ${Math.round(p99)} ms, worst ${Math.round(Math.max(0, ...tookMs))} ms; ` +
        `memory ${megabytes(Math.max(...memory))} MB at most`,
      shorter: lessThan(600, forSeconds, 'seconds'),
    };
  },
};

function problemsOf({ shed, shedWithoutRetryAfter, others }: Flood): string[] {
  return [
    ...(shed === 0 ? ['nothing was shed'] : []),
    ...(shedWithoutRetryAfter > 0 ? [`${shedWithoutRetryAfter} refusals without Retry-After`] : []),
    ...[...others].map(([what, count]) => `${count} × ${what}`),
  ];
}

/** Compares the last third with the middle one; the first is warm-up. */
function growth(memory: readonly number[]): string[] {
  if (memory.length < 30) return [];
  const third = Math.floor(memory.length / 3);
  const middle = percentile(memory.slice(third, 2 * third), 0.5);
  const last = percentile(memory.slice(2 * third), 0.5);
  return last > middle * flatFactor ? [`memory grew from ${megabytes(middle)} to ${megabytes(last)} MB`] : [];
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
