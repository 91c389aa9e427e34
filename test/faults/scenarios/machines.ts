/** Machines: each with an address, API, worker and model; one loses its network and reconnects. */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { signIn, type Client, type EventStream, type ReceivedEvent } from '../../client.ts';
import { answerText } from '../../fakes/gemini-behaviour.ts';
import { liveReply } from '../../live-reply.ts';
import { askAt } from '../../harness.ts';
import { startGemini } from '../fake-gemini.ts';
import { readMetric } from '../folder.ts';
import { networkMissing, openNetwork, type Machine, type Network } from '../network.ts';
import { stablePort } from '../ports.ts';
import { startPostgres } from '../postgres-server.ts';
import type { Scenario } from '../scenario.ts';
import type { Service } from '../service.ts';
import { openStage, type Stage } from '../stage.ts';
import { pause, randomPause, seconds, until } from '../waiting.ts';

const chunks = 60;
const question = `And on another machine? [[chunks:${chunks}]][[delay:100]]`;
const takeoverSeconds = 15;
/** Longer than the disconnected worker continues its replies. */
const afterMendMs = 2000;

export const machines: Scenario = {
  name: 'machines',
  promise: 'Many machines: one that loses its network is replaced within 15 s, and changes nothing when it reconnects',
  recoveryLimitSeconds: takeoverSeconds,
  missing: networkMissing,
  async run(_stage, counts) {
    const rounds = counts(6, 3, 1);
    const people = counts(6, 4, 2);
    await using network = openNetwork();
    await using postgres = await startPostgres(reachableFrom(network));
    await using stage = await openStage(postgres, { address: network.address });
    await using opened = new AsyncDisposableStack();
    const fleet = await startFleet(stage, network, opened, counts(3, 3, 2));
    const waits: number[] = [];
    const broken: string[] = [];
    let [taken, late] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const asked = await askEverywhere(fleet, people, round);
      await until('a user receives the beginning', 30_000, () => asked.some(({ stream }) => hasDelta(stream)));
      await randomPause(1500);
      const victim = await busiestOf(fleet);
      victim.machine.cut();
      const cutAt = performance.now();
      const seen = await Promise.all(asked.map((one) => seeToTheEnd(one, victim, fleet, cutAt)));
      taken += seen.filter(({ waitedSeconds }) => waitedSeconds !== null).length;
      waits.push(...seen.flatMap(({ waitedSeconds }) => waitedSeconds ?? []));
      broken.push(...seen.flatMap(({ problems }) => problems));
      const before = await replies(stage);
      await comeBack(stage, victim, fleet.length);
      if (JSON.stringify(await replies(stage)) !== JSON.stringify(before)) late++;
      broken.push(...(await askOnEach(fleet)));
    }
    const lost = await Promise.all(fleet.map(lostRunsOf));
    if (late > 0) broken.push(`${late} machines changed a finished reply after reconnecting`);
    if (taken === 0) broken.push('no reply had to be taken over');
    return {
      faults: rounds,
      operations: rounds * (people + fleet.length),
      lost: 0,
      doubled: 0,
      worstRecoverySeconds: Math.max(0, ...waits),
      broken,
      note: `${fleet.length} network namespaces with an API, a worker and a model each; ${taken} answers taken over, the slowest after ${seconds(Math.max(0, ...waits))}; ${lost.reduce((sum, runs) => sum + runs)} runs of the disconnected machines ended as lost`,
    };
  },
};

function reachableFrom({ address, range }: Network) {
  return {
    settings: [`listen_addresses='127.0.0.1,${address}'`],
    prepare: (data: string) => appendFileSync(path.join(data, 'pg_hba.conf'), `host all all ${range} trust\n`),
  };
}

interface Host {
  readonly machine: Machine;
  readonly api: Service;
  /** URL of health and metrics of its worker. */
  readonly workerUrl: string;
}

async function startFleet(stage: Stage, network: Network, opened: AsyncDisposableStack, size: number): Promise<Host[]> {
  const added = Array.from({ length: size }, () => network.addMachine());
  return Promise.all(
    added.map(async (machine) => {
      const [healthPort, fake] = await Promise.all([stablePort(), startGemini(machine.launcher)]);
      opened.use(fake);
      // The model runs on the machine itself, so that a disconnected worker finishes its reply and tries to write it.
      const environment = { HOST: machine.address, ...askAt(fake) };
      const [api] = await Promise.all([
        stage.start('api', environment, { launcher: machine.launcher }),
        stage.start('worker', { ...environment, HEALTH_PORT: String(healthPort) }, { launcher: machine.launcher }),
      ]);
      return { machine, api, workerUrl: `http://${machine.address}:${healthPort}` };
    }),
  );
}

interface Asked {
  readonly client: Client;
  readonly content: string;
  readonly replyId: number;
  /** The machine that the user's feed is connected to. */
  readonly host: Host;
  readonly stream: EventStream;
}

/** Each user signs in and sends on one machine, and has a feed on the next. */
function askEverywhere(fleet: readonly Host[], people: number, round: number): Promise<Asked[]> {
  return Promise.all(
    Array.from({ length: people }, async (_, number) => {
      const [first, next] = [fleet[number % fleet.length]!, fleet[(number + 1) % fleet.length]!];
      const client = await signIn(first.api.url);
      const stream = await client.events({ url: next.api.url });
      const content = `${round}.${number}: ${question}`;
      const { body } = await client.ask(await client.room(), content);
      return { client, content, replyId: body.reply.id, host: next, stream };
    }),
  );
}

/** The machine whose worker has most replies. */
async function busiestOf(fleet: readonly Host[]): Promise<Host> {
  const active = await Promise.all(fleet.map(({ workerUrl }) => readMetric(workerUrl, 'pollux_replies_active')));
  return fleet[active.indexOf(Math.max(...active))]!;
}

function hasDelta({ received }: EventStream): boolean {
  return received.some(({ event }) => event.type === 'reply.delta');
}

interface Seen {
  /** From the disconnect to the next attempt; null if the first one continued. */
  readonly waitedSeconds: number | null;
  readonly problems: readonly string[];
}

/** Follows the feed to the end; feeds on the disconnected machine are resumed on another. */
async function seeToTheEnd(asked: Asked, victim: Host, fleet: readonly Host[], cutAt: number): Promise<Seen> {
  const { client, stream, replyId, content } = asked;
  const before: ReceivedEvent[] = [];
  let live = stream;
  if (asked.host === victim) {
    before.push(...stream.received);
    const after = stream.position;
    await stream[Symbol.asyncDispose]();
    live = await client.events({ after, url: fleet.find((host) => host !== victim)!.api.url });
  }
  await using current = live;
  const { event } = await current.next(
    (told) =>
      told.message_id === replyId &&
      (told.type === 'reply.completed' || (told.type === 'reply.started' && told.attempt > 1)),
    60_000,
  );
  const waitedSeconds = event.type === 'reply.started' ? (performance.now() - cutAt) / 1000 : null;
  await current.next((told) => told.message_id === replyId && told.type === 'reply.completed', 60_000);
  return { waitedSeconds, problems: problemsOf([...before, ...current.received], replyId, content) };
}

function problemsOf(received: readonly ReceivedEvent[], replyId: number, content: string): string[] {
  try {
    const { text, ended } = liveReply(received, replyId);
    const whole = answerText(content, chunks);
    return text === whole && ended?.content === whole
      ? []
      : [`a user saw ${text.length} of ${whole.length} characters`];
  } catch (error) {
    return [`somebody saw ${(error as Error).message}`];
  }
}

/** Every reply with the versions of its rows: any write, even of the same text, makes another version. */
function replies({ sql }: Stage) {
  return sql<{ id: string }>(
    `select m.id, m.xmin::text as message, r.xmin::text as reply, status, md5(content)
     from replies r join messages m on m.id = r.message_id order by m.id`,
  );
}

/** Reconnects the machine and waits until it works again. */
async function comeBack(stage: Stage, { machine, workerUrl }: Host, workers: number): Promise<void> {
  machine.mend();
  await until('the disconnected machine works again', 60_000, async () => {
    const [alive] = await stage.sql<{ count: number }>(
      `select count(*)::int as count from workers where seen_at > now() - interval '3 seconds'`,
    );
    return alive!.count === workers && (await readMetric(workerUrl, 'pollux_replies_active')) === 0;
  });
  await pause(afterMendMs);
}

/** The number of its runs that found their reply taken over. */
async function lostRunsOf({ workerUrl }: Host): Promise<number> {
  return (await readMetric(workerUrl, 'pollux_replies_total{outcome="lost"}')) || 0;
}

/** Every API accepts a question, which is answered. */
async function askOnEach(fleet: readonly Host[]): Promise<string[]> {
  const problems = fleet.map(async ({ api, machine }) => {
    const client = await signIn(api.url);
    const room = await client.room();
    const { status } = await client.ask(room, 'Back again? [[chunks:3]]');
    const reply = status === 202 ? await client.waitForReply(room) : null;
    return reply?.status === 'complete' ? [] : [`${machine.address} answered ${status} after reconnecting`];
  });
  return (await Promise.all(problems)).flat();
}
