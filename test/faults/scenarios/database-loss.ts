/** Database loss: PostgreSQL killed or stopped for a while under load. */
import { signInUsers, keepAsking } from '../crowd.ts';
import { exchange, oddRefusal } from '../exchange.ts';
import { closeLedger, openLedger, unansweredOf } from '../ledger.ts';
import { openProbe } from '../probe.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import { pause, randomPause } from '../waiting.ts';

const chunks = 20;
const settleMs = 90_000;

export const databaseLoss: Scenario = {
  name: 'database-loss',
  promise: 'PostgreSQL away: requests get 503 problem+json, nothing is half-done, recovery is automatic',
  recoveryLimitSeconds: 15,
  async run(stage, counts) {
    const restarts = counts(20, 4, 1);
    const [api] = await Promise.all([stage.start('api'), stage.start('worker'), stage.start('worker')]);
    const crowd = await signInUsers(api.url, 4, 4);
    const probe = await openProbe(stage, api.url);
    const ledger = openLedger();
    const done = new AbortController();
    const content = `Where is it? [[chunks:${chunks}]][[delay:50]]`;
    const asked = keepAsking(crowd, {
      urls: [api.url],
      ledger,
      content,
      maxPauseMs: 400,
      keys: 'mixed',
      signal: done.signal,
    });

    let worst = 0;
    const odd: string[] = [];
    for (let restart = 0; restart < restarts; restart++) {
      await pause(500);
      await randomPause(1500);
      if (restart % 2 === 0) await stage.postgres.kill();
      else await stage.postgres.stop();
      odd.push(...(await lookAround(api.url, crowd[0]!.token)));
      await randomPause(3000);
      await stage.postgres.start();
      worst = Math.max(worst, await probe.ask());
    }
    done.abort();
    await asked;

    const found = await closeLedger(stage.sql, ledger, settleMs);
    return {
      faults: restarts,
      operations: ledger.tries,
      lost: found.lost + (await unansweredOf(stage.sql, ledger, chunks)),
      doubled: found.doubled,
      worstRecoverySeconds: worst,
      broken: [
        ...found.broken,
        ...odd,
        ...(ledger.unknown.size > 0 ? [`${ledger.unknown.size} posts were not answered`] : []),
      ],
      note: `${ledger.refusals.get(503) ?? 0} posts refused with 503`,
      shorter: lessThan(20, restarts, 'restarts'),
    };
  },
};

/** Without the database: the process is live, not ready, and refuses reads and writes with 503. */
async function lookAround(url: string, token: string): Promise<string[]> {
  const live = await exchange('GET', `${url}/health/live`);
  const refused = await Promise.all([
    exchange('GET', `${url}/health/ready`),
    exchange('GET', `${url}/user/me`, { token }),
    exchange('POST', `${url}/chatroom`, { token, body: { name: 'Nowhere' } }),
    exchange('POST', `${url}/auth/signup`, { body: { mobile_number: '+12025550123' } }),
  ]);
  const odd = refused.map((answer) => (answer === null ? 'no answer' : oddRefusal(answer)));
  return [
    ...(live?.status === 200 ? [] : [`/health/live answered ${live?.status ?? 'nothing'} while the database was away`]),
    ...odd.filter((what) => what !== null).map((what) => `while the database was away: ${what}`),
  ];
}
