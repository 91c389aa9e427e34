/** Takeover: a dead worker's replies are taken over in time, as seen by clients; those of a slow worker are not. */
import type { EventStream } from '../../client.ts';
import { answerText } from '../../fakes/gemini-behaviour.ts';
import { liveReply } from '../../live-reply.ts';
import { signInUsers, type Person } from '../crowd.ts';
import type { Scenario } from '../scenario.ts';
import type { Service } from '../service.ts';
import type { Stage } from '../stage.ts';
import { anyOf, pause, percentile, randomPause, seconds } from '../waiting.ts';

const chunks = 50;
const question = `What follows? [[chunks:${chunks}]][[delay:100]]`;
const answerWithinMs = 90_000;
const limitSeconds = 15;

export const takeover: Scenario = {
  name: 'takeover',
  promise: 'A dead worker is replaced within 15 s, and watching clients receive the whole text',
  async run(stage, counts) {
    const kills = counts(24, 5, 1);
    const { apis, workers } = await startFleet(stage);
    const watchers = await watch(apis, 12);
    const waits: number[] = [];
    const broken: string[] = [];
    let operations = 0;
    for (let kill = 0; kill < kills; kill++) {
      const round = await Promise.all(watchers.map(ask));
      await pause(1000);
      await randomPause(2500);
      const victim = anyOf(workers);
      await victim.kill('SIGKILL');
      const killedAt = performance.now();
      const seen = round.map(async (asked) => {
        const late = await nextAttempt(asked);
        if (late) waits.push((performance.now() - killedAt) / 1000);
        broken.push(...(await problemsOf(asked)));
      });
      await victim.start();
      await Promise.all(seen);
      operations += round.length;
    }
    for (const { stream } of watchers) await stream[Symbol.asyncDispose]();
    const p99 = percentile(waits, 0.99);
    return {
      faults: kills,
      operations,
      lost: 0,
      doubled: 0,
      worstRecoverySeconds: Math.max(0, ...waits),
      broken: [...broken, ...(p99 > limitSeconds ? [`p99 is ${seconds(p99)}`] : [])],
      note: `${waits.length} answers taken over: median ${seconds(percentile(waits, 0.5))}, p99 ${seconds(p99)}`,
    };
  },
};

export const blockedWorkers: Scenario = {
  name: 'blocked',
  promise: 'A worker blocked for 5 s keeps its replies',
  async run(stage, counts) {
    const blocks = counts(24, 4, 1);
    const { apis, workers } = await startFleet(stage);
    const watchers = await watch(apis, 12);
    const broken: string[] = [];
    let operations = 0;
    for (let block = 0; block < blocks; block += 2) {
      const round = await Promise.all(watchers.map(ask));
      await randomPause(2000);
      const blocked = workers.slice(0, Math.min(2, blocks - block));
      for (const worker of blocked) await worker.kill('SIGSTOP');
      await pause(5000);
      for (const worker of blocked) await worker.kill('SIGCONT');
      workers.push(...workers.splice(0, blocked.length));
      for (const asked of round) {
        const again = await nextAttempt(asked);
        broken.push(...(await problemsOf(asked)), ...(again ? ['a reply was taken from a living worker'] : []));
      }
      operations += round.length;
    }
    for (const { stream } of watchers) await stream[Symbol.asyncDispose]();
    return { faults: blocks, operations, lost: 0, doubled: 0, worstRecoverySeconds: null, broken };
  },
};

interface Watcher {
  readonly person: Person;
  readonly stream: EventStream;
}

interface Asked extends Watcher {
  readonly replyId: number;
  readonly content: string;
}

async function startFleet(stage: Stage): Promise<{ apis: Service[]; workers: Service[] }> {
  const roles = ['api', 'api', 'worker', 'worker', 'worker'] as const;
  const services = await Promise.all(roles.map((role) => stage.start(role)));
  return { apis: services.slice(0, 2), workers: services.slice(2) };
}

async function watch(apis: readonly Service[], people: number): Promise<Watcher[]> {
  const crowd = await signInUsers(apis[0]!.url, people, 1);
  return Promise.all(
    crowd.map(async (person, index) => {
      const stream = await person.client.events({ url: apis[index % apis.length]!.url });
      return { person, stream };
    }),
  );
}

let asked = 0;

async function ask(watcher: Watcher): Promise<Asked> {
  const content = `${++asked}: ${question}`;
  // Not all at once, or one worker would claim them all.
  await randomPause(800);
  const { status, body } = await watcher.person.client.ask(watcher.person.rooms[0]!, content);
  if (status !== 202) throw new Error(`a question was answered ${status}`);
  return { ...watcher, content, replyId: body.reply.id };
}

/** True as soon as a later attempt begins, false when the first one ends. */
async function nextAttempt({ stream, replyId }: Asked): Promise<boolean> {
  const { event } = await stream.next(
    (told) =>
      told.message_id === replyId &&
      (told.type === 'reply.completed' || (told.type === 'reply.started' && told.attempt > 1)),
    answerWithinMs,
  );
  return event.type === 'reply.started';
}

/** Waits for the end and compares the received text with the expected one. */
async function problemsOf({ stream, replyId, content }: Asked): Promise<string[]> {
  await stream.next((told) => told.message_id === replyId && told.type === 'reply.completed', answerWithinMs);
  try {
    const { text, ended } = liveReply(stream.received, replyId);
    const whole = answerText(content, chunks);
    return text === whole && ended?.content === whole
      ? []
      : [`a watcher saw ${text.length} of ${whole.length} characters`];
  } catch (error) {
    return [`a watcher saw ${(error as Error).message}`];
  }
}
