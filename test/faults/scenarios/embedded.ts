/** The embedded mode: its process killed at random times and restarted on the same folder. */
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { signInUsers, keepAsking } from '../crowd.ts';
import { stopAndAudit } from '../folder.ts';
import { oddities, openLedger } from '../ledger.ts';
import type { Scenario } from '../scenario.ts';
import { startEmbedded } from '../service.ts';
import { randomPause } from '../waiting.ts';

const chunks = 10;

export const embedded: Scenario = {
  name: 'embedded',
  promise: 'Embedded mode: the process, killed and restarted on its folder, loses no 202',
  recoveryLimitSeconds: 30,
  async run(stage, counts) {
    const kills = counts(30, 5, 1);
    const directory = await mkdtemp(path.join(stage.folder, 'embedded-'));
    await using service = await startEmbedded(directory, stage.fake.url);
    const crowd = await signInUsers(service.url, 8, 2);
    const ledger = openLedger();
    const done = new AbortController();
    const asked = keepAsking(crowd, {
      urls: [service.url],
      ledger,
      content: `Kept in a folder? [[chunks:${chunks}]][[delay:30]]`,
      maxPauseMs: 300,
      keys: 'mixed',
      signal: done.signal,
    });
    let worst = 0;
    for (let kill = 0; kill < kills; kill++) {
      await ledger.nextAcceptance();
      await randomPause(1500);
      const from = performance.now();
      await service.kill('SIGKILL');
      const accepted = ledger.nextAcceptance();
      await Promise.all([service.start(), accepted]);
      worst = Math.max(worst, (performance.now() - from) / 1000);
    }
    done.abort();
    await asked;
    const found = await stopAndAudit(service, directory, ledger, chunks);
    return {
      faults: kills,
      operations: ledger.tries,
      lost: found.lost + found.wrong,
      doubled: found.doubled,
      worstRecoverySeconds: worst,
      broken: [
        ...found.broken,
        ...oddities(ledger),
        ...(found.unfinished > 0 ? [`${found.unfinished} replies unfinished`] : []),
      ],
      note: `${ledger.acceptances.length} accepted, ${found.givenUp} given up and refunded after three deaths; recovery is from the kill, through a full start, to the next 202`,
    };
  },
};
