/** A copy of the sources in a temporary folder, for changes that break it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { atExit } from '../at-exit.ts';
import { endWithUs } from '../guard.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** Longer than any one test file takes on a busy machine. */
const longestRunMs = 300_000;

export interface TestRun {
  /** Full names of the tests that failed. */
  readonly failed: readonly string[];
  readonly passed: number;
  /** The last lines of its output. */
  readonly output: string;
}

export interface WorkingCopy extends Disposable {
  read(file: string): string;
  write(file: string, text: string): void;
  /** Runs these test files there; of each only tests whose full name contains `named`. */
  test(files: readonly string[], named?: string): Promise<TestRun>;
}

/** Copies what git tracks, and what is new and not ignored; dependencies are shared. */
export function copySources(): WorkingCopy {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pollux-mutants-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const forget = atExit(remove);
  const files = execFileSync('git', ['ls-files', '-coz', '--exclude-standard', '--deduplicate'], { cwd: root });
  for (const file of files.toString().split('\0').filter(Boolean)) {
    cpSync(path.join(root, file), path.join(folder, file), { force: true });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const inFolder = (file: string) => path.join(folder, file);
  return {
    read: (file) => readFileSync(inFolder(file), 'utf8'),
    write: (file, text) => writeFileSync(inFolder(file), text),
    test: (tests, named) => runTests(folder, tests, named),
    [Symbol.dispose]() {
      remove();
      forget();
    },
  };
}

async function runTests(folder: string, files: readonly string[], named?: string): Promise<TestRun> {
  const report = path.join(folder, 'report.json');
  rmSync(report, { force: true });
  const args = ['run', ...files, '--reporter=json', `--outputFile=${report}`, '--reporter=dot'];
  if (named !== undefined) args.push('--testNamePattern', RegExp.escape(named));
  const program = path.join(folder, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  endWithUs(child);
  const tooLong = setTimeout(() => child.kill('SIGKILL'), longestRunMs);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  clearTimeout(tooLong);
  return { ...readReport(report), output: output.slice(-2000) };
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Vitest's report; nothing when it was killed before it wrote one. */
function readReport(file: string): Omit<TestRun, 'output'> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { failed: [], passed: 0 };
  }
  const tests = (JSON.parse(text) as Report).testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  return { failed, passed: tests.filter(({ status }) => status === 'passed').length };
}
