/** `npm run bench [-- row …] [--quick] [--profile]`: measures against bare programs, prints one table, writes JSON and the page. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeBed, quickRun, wholeRun, type Bed } from './bed.ts';
import { root } from './child.ts';
import { notes, table, type Line } from './line.ts';
import { describeMachine, writePage, type Part } from './page.ts';
import { answer } from './rows/answer.ts';
import { embedded } from './rows/embedded.ts';
import { fanOut } from './rows/fan-out.ts';
import { firstToken } from './rows/first-token.ts';
import { history } from './rows/history.ts';
import { idle } from './rows/idle.ts';
import { rooms } from './rows/rooms.ts';
import { scale } from './rows/scale.ts';
import { send } from './rows/send.ts';
import { size } from './rows/size.ts';
import { soak } from './rows/soak.ts';
import { start } from './rows/start.ts';
import { upload } from './rows/upload.ts';
import { web } from './rows/web.ts';

const rows: Readonly<Record<string, (bed: Bed) => Promise<Line[]>>> = {
  rooms,
  send,
  upload,
  history,
  answer,
  'first-token': firstToken,
  'fan-out': fanOut,
  idle,
  embedded,
  start,
  scale,
  size,
  soak,
  web,
};
/** Excluded from a full run because it takes too long. */
const onlyByName = new Set(['size', 'soak']);
const partNames = ['server', 'web'] as const;
const partOf = (name: string): Part => (name === 'web' ? 'web' : 'server');
const everything = Object.keys(rows).filter((name) => !onlyByName.has(name));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, profile: { type: 'boolean' } },
});
const results = path.join(root, 'bench', 'results');
const quick = values.quick === true;
const unknown = positionals.filter((name) => !(name in rows));
if (unknown.length > 0) {
  process.stderr.write(`No such row: ${unknown.join(', ')}. There are: ${Object.keys(rows).join(', ')}.\n`);
  process.exit(1);
}
// `exit` runs the exit handlers, which end all started processes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
await main(positionals.length > 0 ? positionals : everything);

async function main(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pollux-bench-'));
  const startedAt = Date.now();
  const measuredLines = new Map<string, Line[]>();
  try {
    await using bed = await makeBed(
      folder,
      quick ? quickRun : wholeRun,
      values.profile ? path.join(results, 'profiles') : null,
    );
    for (const name of names) {
      const since = Date.now();
      measuredLines.set(name, await measured(name, bed));
      process.stderr.write(`${name}: ${Math.round((Date.now() - since) / 1000)} s\n`);
    }
  } catch (error) {
    process.stderr.write(`\nWhat the processes wrote is kept in ${folder}\n`);
    throw error;
  }
  rmSync(folder, { recursive: true, force: true });
  const machine = describeMachine();
  const lines = [...measuredLines.values()].flat();
  process.stdout.write(`\n${table(lines)}\n\n${notes(lines)}\n`);
  const tookSeconds = Math.round((Date.now() - startedAt) / 1000);
  save({ ...machine, quick, tookSeconds, lines });
  // An incomplete or small run is not recorded.
  for (const part of quick ? [] : partNames) {
    const own = everything.filter((name) => partOf(name) === part);
    if (own.every((name) => measuredLines.has(name)))
      writePage(
        part,
        machine,
        own.flatMap((name) => measuredLines.get(name)!),
      );
  }
}

/** A failed row does not end the others. */
async function measured(name: string, bed: Bed): Promise<Line[]> {
  try {
    return await rows[name]!(bed);
  } catch (error) {
    if (!quick) process.exitCode = 1;
    const note = `not measured: ${String(error)}`;
    return [{ name, ours: '', bare: '', ratio: null, goal: '', met: null, note }];
  }
}

function save(report: object): void {
  const file = path.join(results, 'latest.json');
  mkdirSync(results, { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  process.stderr.write(`\nWritten to ${path.relative(process.cwd(), file)}\n`);
}
