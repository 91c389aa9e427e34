/** Shutdown: rolling restarts by SIGTERM behind a load balancer, under load. */
import { balance, type Balancer } from '../balancer.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { answerText } from '../../fakes/gemini-behaviour.ts';
import { closeLedger, openLedger, type Ledger } from '../ledger.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { anyOf, randomPause, seconds } from '../waiting.ts';

const exitLimitSeconds = 10;
/** A reply that takes longer, including hand-overs, counts as stalled. */
const stalledSeconds = 30;
const short = { chunks: 20, delayMs: 80 };
/** An account has two replies at once: this many accounts are answered faster than they ask. */
const people = 60;
const roomsEach = 2;
/** Longer than a stopping worker waits before it releases its replies. */
const long = { chunks: 40, delayMs: 160 };

export const shutdown: Scenario = {
  name: 'shutdown',
  promise: 'Rolling restarts under load: every answer follows the contract, no reply stalls, exit within 10 s',
  async run(stage, counts) {
    const restarts = counts(50, 8, 2);
    const roles = ['api', 'worker', 'api', 'worker'] as const;
    const services = await Promise.all(roles.map((role) => stage.start(role)));
    const urls = services.map(({ url }) => url).filter(Boolean);
    const crowd = await signInUsers(urls[0]!, people, roomsEach);
    const ledger = openLedger();
    const balancer = balance(urls);
    const done = new AbortController();
    const asked = Promise.all(crowd.map((person) => askThrough(balancer, person, ledger, done.signal)));

    let slowestExit = 0;
    const broken: string[] = [];
    for (let restart = 0; restart < restarts; restart++) {
      await randomPause(1000);
      const service = services[restart % services.length]!;
      const from = performance.now();
      const code = await service.kill('SIGTERM');
      slowestExit = Math.max(slowestExit, (performance.now() - from) / 1000);
      if (code !== 0) broken.push(`a ${service.role} process ended with ${code}`);
      await service.start();
    }
    done.abort();
    await asked;

    const found = await closeLedger(stage.sql, ledger, 90_000);
    const { wrong, slowest } = await look(stage, ledger);
    return {
      faults: restarts,
      operations: ledger.tries,
      lost: found.lost + wrong,
      doubled: found.doubled,
      worstRecoverySeconds: null,
      broken: [
        ...found.broken,
        ...broken,
        ...(slowest > stalledSeconds ? [`a reply took ${seconds(slowest)}`] : []),
        ...(slowestExit > exitLimitSeconds ? [`a process took ${seconds(slowestExit)} to end`] : []),
      ],
      note: `slowest exit ${seconds(slowestExit)}, slowest reply ${seconds(slowest)}; ${balancer.refused} connections refused and retried at the next process`,
      shorter: lessThan(50, restarts, 'restarts'),
    };
  },
};

async function askThrough(balancer: Balancer, { token, rooms }: Person, ledger: Ledger, signal: AbortSignal) {
  while (!signal.aborted) {
    const number = ledger.next();
    const { chunks, delayMs } = number % 8 === 0 ? long : short;
    const content = `${number}: Still up? [[chunks:${chunks}]][[delay:${delayMs}]]`;
    ledger.tried();
    const answer = await balancer.send('POST', `/chatroom/${anyOf(rooms)}/message`, { token, body: { content } });
    if (typeof answer !== 'string' && answer.status === 202) ledger.accept(content, answer.body);
    else ledger.odd(typeof answer === 'string' ? answer : `a post was answered ${answer.status}`);
    const read = await balancer.send('GET', '/chatroom', { token });
    if (typeof read === 'string' || read.status !== 200)
      ledger.odd(typeof read === 'string' ? read : `a read was answered ${read.status}`);
    await randomPause(5000);
  }
}

async function look({ sql }: Stage, { acceptances }: Ledger): Promise<{ wrong: number; slowest: number }> {
  const rows = await sql<{ id: string; status: string; content: string; seconds: number | null }>(
    `select id, status, content, extract(epoch from finished_at - created_at)::float8 as seconds
     from replies join messages on id = message_id`,
  );
  const byId = new Map(rows.map((row) => [Number(row.id), row]));
  const wrong = acceptances.filter(({ replyId, content }) => {
    const chunks = content.includes(`chunks:${long.chunks}]`) ? long.chunks : short.chunks;
    const row = byId.get(replyId);
    return row?.status !== 'complete' || row.content !== answerText(content, chunks);
  }).length;
  return { wrong, slowest: Math.max(0, ...rows.map((row) => row.seconds ?? 0)) };
}
