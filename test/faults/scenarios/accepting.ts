/** Accepting: API processes and PostgreSQL killed at random times under load. */
import { signInUsers, keepAsking } from '../crowd.ts';
import { audit, oddities, openLedger } from '../ledger.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import { anyOf, pause, randomPause } from '../waiting.ts';

export const accepting: Scenario = {
  name: 'accepting',
  promise: 'A 202 is never lost: API and PostgreSQL killed under load',
  recoveryLimitSeconds: 15,
  async run(stage, counts) {
    const kills = counts(200, 20, 3);
    const posts = counts(10_000, 500, 20);
    const apis = await Promise.all([stage.start('api'), stage.start('api')]);
    const crowd = await signInUsers(apis[0].url, 8, 2);
    const ledger = openLedger();
    const done = new AbortController();
    const urls = apis.map(({ url }) => url);
    const asking = {
      urls,
      ledger,
      content: 'Is this kept?',
      maxPauseMs: 60,
      keys: 'mixed',
      signal: done.signal,
    } as const;
    const asked = keepAsking(crowd, asking);

    let worst = 0;
    for (let kill = 1; kill <= kills; kill++) {
      await randomPause(400);
      const hitDatabase = kill % 4 === 0 || kill === kills;
      const from = performance.now();
      if (hitDatabase) {
        await stage.postgres.kill();
        await stage.postgres.start();
        await ledger.nextAcceptance();
      } else {
        const victim = anyOf(apis);
        await victim.kill('SIGKILL');
        const accepted = ledger.nextAcceptance();
        await Promise.all([victim.start(), accepted]);
      }
      worst = Math.max(worst, (performance.now() - from) / 1000);
    }
    while (ledger.acceptances.length < posts) await pause(50);
    done.abort();
    await asked;

    const found = await audit(stage.sql, ledger);
    return {
      faults: kills,
      operations: ledger.tries,
      lost: found.lost,
      doubled: found.doubled,
      worstRecoverySeconds: worst,
      broken: [...found.broken, ...oddities(ledger)],
      note: `${ledger.acceptances.length} accepted, ${ledger.unknown.size} cut off unanswered`,
      shorter: lessThan(200, kills, 'kills') ?? lessThan(10_000, ledger.tries, 'posts'),
    };
  },
};
