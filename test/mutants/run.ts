/** `npm run test:mutants`: makes deliberate changes, one at a time, and checks that a test fails. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { currentCommit, writeReliabilityPage } from '../faults/records.ts';
import { changed, type Change } from './change.ts';
import { changes } from './all-changes.ts';
import { changesPage } from './changes-page.ts';
import { folders } from './folders.ts';
import { keepScore, percentOf } from './scores.ts';
import { copySources, type WorkingCopy } from './working-copy.ts';

const names = Object.keys(folders);
const help = `Usage: npm run test:mutants -- [--concurrency N] FOLDER ...
       npm run test:mutants -- --deliberate [WORD ...]
       npm run test:mutants -- --write

Runs StrykerJS on every line of server/FOLDER (${names.join(', ')}) and puts the score into docs/reliability.md.
A folder takes up to an hour. --deliberate makes the changes of docs/mutants.md instead (those whose description contains
a WORD) in a temporary copy, and exits with 1 when a test does not detect its change. --write writes that page.
`;

// `exit` runs the exit handlers, which end all started processes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      deliberate: { type: 'boolean' },
      write: { type: 'boolean' },
      concurrency: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.write) {
    writeFileSync(path.resolve(import.meta.dirname, '../../docs/mutants.md'), changesPage(changes));
    return 0;
  }
  if (values.deliberate) return makeChanges(positionals);
  const unknown = positionals.filter((name) => !names.includes(name));
  if (values.help || unknown.length > 0 || positionals.length === 0) return say(help, values.help ? 0 : 1);
  for (const folder of positionals) await scoreFolder(folder, Number(values.concurrency));
  return 0;
}

async function scoreFolder(folder: string, concurrency: number): Promise<void> {
  // Imported only here, because loading takes a second.
  const { changeFolder } = await import('./stryker.ts');
  const startedAt = performance.now();
  const { noticed, unnoticed } = await changeFolder(folder, concurrency);
  const score = {
    noticed,
    unnoticed: unnoticed.length,
    at: `${new Date().toISOString().slice(0, 16)}Z`,
    commit: currentCommit(),
    tookSeconds: Math.round((performance.now() - startedAt) / 1000),
  };
  await keepScore(folder, score);
  await writeReliabilityPage();
  say(`${unnoticed.join('\n')}\nserver/${folder}: ${percentOf(score).toFixed(1)} % noticed\n`, 0);
}

async function makeChanges(words: readonly string[]): Promise<number> {
  const chosen = changes.filter(({ breaks, file }) =>
    words.every((word) => `${breaks} ${file}`.toLowerCase().includes(word.toLowerCase())),
  );
  if (chosen.length === 0) return say(`No change has a description with: ${words.join(' ')}\n`, 1);
  using copy = copySources();
  let unnoticed = 0;
  for (const change of chosen) {
    const startedAt = performance.now();
    const problem = await problemWith(copy, change);
    if (problem !== null) unnoticed += 1;
    const tookSeconds = Math.round((performance.now() - startedAt) / 1000);
    say(`${problem === null ? 'detected' : 'UNDETECTED'} ${change.breaks} (${tookSeconds} s)\n`, 0);
    if (problem !== null) say(`${problem}\n`, 0);
  }
  return say(`${chosen.length - unnoticed} of ${chosen.length} changes detected\n`, unnoticed > 0 ? 1 : 0);
}

/** Null when the test passes on the sources as they are and fails once they are changed. */
async function problemWith(copy: WorkingCopy, change: Change): Promise<string | null> {
  const { file, test, named } = change;
  const whole = await copy.test([test], named);
  if (whole.failed.length > 0 || whole.passed === 0)
    return `    ${test} does not pass before the change:\n${whole.output}`;
  const text = copy.read(file);
  copy.write(file, changed(text, change));
  try {
    const broken = await copy.test([test], named);
    if (broken.failed.length > 0) return null;
    return `    ${test} > ${named}: ${broken.passed} passed, none failed\n${broken.passed === 0 ? broken.output : ''}`;
  } finally {
    copy.write(file, text);
  }
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}
