/** The vendor's quota: one 429 with a delay pauses the calls of all workers. */
import { signInUsers, keepAsking } from '../crowd.ts';
import { closeLedger, openLedger, unansweredOf } from '../ledger.ts';
import type { Scenario } from '../scenario.ts';
import { pause, until } from '../waiting.ts';

const chunks = 4;
const delaySeconds = 5;
/** Calls sent before the pause is known: one network round trip and one write to the database. */
const underWayMs = 500;

export const fleetPause: Scenario = {
  name: 'fleet-pause',
  promise: 'After a 429 with RetryInfo, no worker calls the model before the delay is over',
  async run(stage, counts) {
    const refusals = counts(12, 3, 1);
    const [api] = await Promise.all([stage.start('api'), ...Array.from({ length: 3 }, () => stage.start('worker'))]);
    const crowd = await signInUsers(api.url, 4, 4);
    const ledger = openLedger();
    const done = new AbortController();
    const content = `May I? [[chunks:${chunks}]]`;
    const asked = keepAsking(crowd, {
      urls: [api.url],
      ledger,
      content,
      maxPauseMs: 300,
      keys: 'never',
      signal: done.signal,
    });
    const broken: string[] = [];
    let early = 0;
    for (let refusal = 0; refusal < refusals; refusal++) {
      await pause(1500);
      const question = `Refuse ${refusal} [[chunks:${chunks}]][[fail:429:${delaySeconds}x1]]`;
      const answer = await crowd[0]!.client.ask(crowd[0]!.rooms[0]!, question);
      ledger.accept(question, answer.body);
      const refusedAt = async () => (await stage.fake.requests()).find((one) => one.question === question)?.at;
      await until('the fake refuses', 20_000, async () => (await refusedAt()) !== undefined);
      const from = (await refusedAt())!;
      await pause(delaySeconds * 1000);
      const requests = await stage.fake.requests();
      const end = from + delaySeconds * 1000;
      early += requests.filter(({ at }) => at > from + underWayMs && at < end - 50).length;
      const resumed = await until('calls go on', 30_000, async () =>
        (await stage.fake.requests()).some(({ at }) => at > end),
      );
      if (resumed > 10) broken.push(`calls resumed only ${resumed.toFixed(1)} s after the pause`);
    }
    done.abort();
    await asked;
    const found = await closeLedger(stage.sql, ledger, 60_000);
    return {
      faults: refusals,
      operations: ledger.acceptances.length,
      lost: found.lost + (await unansweredOf(stage.sql, ledger, chunks)),
      doubled: found.doubled,
      worstRecoverySeconds: null,
      broken: [...found.broken, ...broken, ...(early > 0 ? [`${early} calls during the pause`] : [])],
      note: `3 workers, pauses of ${delaySeconds} s; calls later than ${underWayMs} ms after the refusal count`,
    };
  },
};
