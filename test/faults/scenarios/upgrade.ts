/** Upgrade: the last release and this version side by side under load, forwards and back. */
import { lastRelease, missingRelease, unpackRelease } from '../../upgrade/last-release.ts';
import { exchange, oddRefusal } from '../exchange.ts';
import { keepAsking, signInUsers, type Person } from '../crowd.ts';
import { closeLedger, openLedger, unansweredOf, type Ledger } from '../ledger.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import type { Service } from '../service.ts';
import type { Stage } from '../stage.ts';
import { anyOf, pause, randomPause, until } from '../waiting.ts';

const chunks = 5;
const asked = `Still the same? [[chunks:${chunks}]][[delay:20]]`;

export const upgrade: Scenario = {
  name: 'upgrade',
  promise: 'The last release and this version run side by side: upgraded and rolled back under load',
  missing: missingRelease,
  async run(stage, counts) {
    const changes = counts(11, 5, 2);
    const asideMs = counts(20_000, 8000, 1000);
    const old = unpackRelease(lastRelease!);
    let running = await startBoth(stage, old);
    const urls = [running[0].url];
    const crowd = await signInUsers(urls[0]!, counts(12, 6, 3), 2);
    const ledger = openLedger();
    const done = new AbortController();
    const asking = Promise.all([
      keepAsking(crowd, { urls, ledger, content: asked, maxPauseMs: 2000, keys: 'mixed', signal: done.signal }),
      ...crowd.map((person) => keepReading(person, urls, ledger, done.signal)),
    ]);
    const broken: string[] = [];

    /** Starts the others, leaves both running for a while, then stops the first. */
    async function changeTo(root: string | null): Promise<void> {
      const before = running;
      running = await startBoth(stage, root);
      urls.push(running[0].url);
      const from = ledger.acceptances.length;
      await pause(asideMs);
      await until('questions are accepted', 60_000, () => ledger.acceptances.length > from + crowd.length);
      // First out of the load balancer, as in a deployment.
      urls.shift();
      await pause(1000);
      const codes = await Promise.all(before.map((one) => one.kill('SIGTERM')));
      for (const code of codes) if (code !== 0) broken.push(`a process ended with ${code}`);
    }

    for (let change = 0; change < changes; change += 1) await changeTo(change % 2 === 0 ? null : old);
    done.abort();
    await asking;
    const found = await closeLedger(stage.sql, ledger, 90_000);
    const unanswered = await unansweredOf(stage.sql, ledger, chunks);
    return {
      faults: changes,
      operations: ledger.tries,
      lost: found.lost + unanswered,
      doubled: found.doubled,
      worstRecoverySeconds: null,
      broken: [...found.broken, ...broken],
      note: `last release: ${lastRelease!.name}; ${ledger.refusals.get(503) ?? 0} answers of 503`,
      shorter: lessThan(11, changes, 'changes of version'),
    };
  },
};

type Both = readonly [api: Service, worker: Service];

/** `root`: of the release; null for this version. */
async function startBoth(stage: Stage, root: string | null): Promise<Both> {
  const at = root === null ? {} : { root };
  // The API migrates first.
  const api = await stage.start('api', {}, at);
  return [api, await stage.start('worker', {}, at)];
}

/** Reads rooms and messages; anything but 200 and a good 503 is odd. */
async function keepReading(person: Person, urls: readonly string[], ledger: Ledger, signal: AbortSignal) {
  while (!signal.aborted) {
    for (const path of ['/chatroom', `/chatroom/${anyOf(person.rooms)}/messages`, '/user/me', '/subscribe/status']) {
      const answer = await exchange('GET', `${anyOf(urls)}${path}`, { token: person.token });
      const odd = answer === null || answer.status === 200 ? null : oddRefusal(answer);
      if (odd !== null) ledger.odd(`a read was answered ${odd}`);
    }
    await randomPause(500);
  }
}
