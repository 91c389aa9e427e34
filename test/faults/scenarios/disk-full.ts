/** The disk of the embedded folder is full: posts get 503 problems, and nothing is lost once there is space again. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { atExit } from '../../at-exit.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { exchange, oddRefusal } from '../exchange.ts';
import { stopAndAudit } from '../folder.ts';
import { openLedger, type Ledger } from '../ledger.ts';
import { lessThan, type Outcome, type Scenario } from '../scenario.ts';
import { startEmbedded, type Service } from '../service.ts';
import type { Stage } from '../stage.ts';
import { pause } from '../waiting.ts';

const diskMegabytes = 400;
const chunks = 3;
const postsWhileFull = 30;
const recoverWithinMs = 60_000;

export const diskFull: Scenario = {
  name: 'disk-full',
  promise: 'Embedded mode: with a full disk posts get 503, and nothing is lost once there is space again',
  recoveryLimitSeconds: 60,
  async run(stage, counts) {
    const times = counts(3, 2, 1);
    await using disk = mountSmallDisk(stage);
    if (disk === null) return notRun(times);
    const directory = path.join(disk.folder, 'data');
    await using service = await startEmbedded(directory, stage.fake.url);
    const [person] = (await signInUsers(service.url, 1, 6)) as [Person];
    const ledger = openLedger();
    const broken = new Set<string>();
    let worst = 0;
    let deaths = 0;
    for (let time = 0; time < times; time++) {
      const filler = fill(disk.folder);
      deaths += await postInto(service, person, ledger, broken);
      rmSync(filler);
      worst = Math.max(worst, await recover(service, person, ledger));
    }
    const found = await stopAndAudit(service, directory, ledger, chunks);
    return {
      faults: times,
      operations: ledger.tries,
      lost: found.lost + found.wrong,
      doubled: found.doubled,
      worstRecoverySeconds: worst,
      broken: [
        ...found.broken,
        ...broken,
        ...(found.unfinished > 0 ? [`${found.unfinished} replies unfinished`] : []),
        ...((ledger.refusals.get(503) ?? 0) === 0 ? ['no post was refused while the disk was full'] : []),
      ],
      note: `${ledger.refusals.get(503) ?? 0} posts refused with 503 while full; the process exited ${deaths} times and was restarted`,
    };
  },
};

function notRun(times: number): Outcome {
  const nothing = { faults: 0, operations: 0, lost: 0, doubled: 0, worstRecoverySeconds: null };
  const reason = 'not run: a small disk can only be mounted by root, on Linux';
  return { ...nothing, broken: [reason], shorter: lessThan(times, 0, 'times') };
}

interface SmallDisk extends AsyncDisposable {
  readonly folder: string;
}

function mountSmallDisk({ folder: parent }: Stage): SmallDisk | null {
  const folder = path.join(parent, 'small-disk');
  mkdirSync(folder);
  const mounted = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m`, 'tmpfs', folder]);
  if (mounted.status !== 0) return null;
  const unmount = () => void spawnSync('/bin/umount', ['-l', folder]);
  const spare = atExit(unmount);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      spare();
      unmount();
    },
  };
}

/** Fills the disk; returns the file to remove. */
function fill(folder: string): string {
  const file = path.join(folder, 'filler');
  const handle = openSync(file, 'w');
  for (const size of [1024 * 1024, 4096, 1]) {
    try {
      for (const block = Buffer.alloc(size); ;) writeSync(handle, block);
    } catch {
      continue;
    }
  }
  closeSync(handle);
  return file;
}

/** Posts long questions, so that the database has to grow. Returns 1 when the process exited. */
async function postInto(service: Service, person: Person, ledger: Ledger, broken: Set<string>): Promise<number> {
  let unanswered = 0;
  for (let post = 0; post < postsWhileFull; post++) {
    const answer = await ask(service, person, ledger, 'x'.repeat(20_000));
    if (answer === null) unanswered++;
    else if (answer.status !== 202) {
      const odd = oddRefusal(answer);
      if (odd !== null) broken.add(`while the disk was full: ${odd}`);
    }
  }
  return unanswered > 0 && !isAlive(service.pid) ? 1 : 0;
}

async function ask(service: Service, { token, rooms }: Person, ledger: Ledger, padding: string) {
  const number = ledger.next();
  const body = { content: `${number}: Does it fit? [[chunks:${chunks}]] ${padding}` };
  ledger.tried();
  const answer = await exchange('POST', `${service.url}/chatroom/${rooms[number % rooms.length]}/message`, {
    token,
    body,
  });
  if (answer?.status === 202) ledger.accept(body.content, answer.body);
  else if (answer !== null) ledger.refused(answer.status);
  return answer;
}

/** Restarts the process if it exited, as a supervisor does; returns the seconds until a question is accepted. */
async function recover(service: Service, person: Person, ledger: Ledger): Promise<number> {
  const from = performance.now();
  if (!isAlive(service.pid)) await service.start();
  while ((await ask(service, person, ledger, ''))?.status !== 202) {
    if (performance.now() - from > recoverWithinMs)
      throw new Error('no question is accepted although there is space again');
    await pause(200);
    if (!isAlive(service.pid)) await service.start();
  }
  return (performance.now() - from) / 1000;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
