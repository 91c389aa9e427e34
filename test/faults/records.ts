/** Stores the newest full run of every scenario in docs/reliability.json, from which docs/reliability.md is written. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { markdownReport, type Row } from './report.ts';
import type { Outcome } from './scenario.ts';
import { readScores, scoresSection } from '../mutants/scores.ts';
import { scenarios } from './scenarios.ts';

/** One run of one scenario, as stored in the file. */
export interface ScenarioRecord {
  readonly outcome: Outcome | null;
  readonly misses: readonly string[];
  /** RFC 3339, to the minute. */
  readonly at: string;
  readonly commit: string;
  readonly tookSeconds: number;
  /** Processors, memory, system, Node and PostgreSQL. */
  readonly machine: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const recordsFile = `${root}docs/reliability.json`;
const reportFile = `${root}docs/reliability.md`;

/** Replaces the scenario's record and writes the page. */
export async function keepRecord(row: Row, tookSeconds: number, postgres: string): Promise<void> {
  const records = await readRecords();
  records[row.scenario.name] = {
    outcome: row.outcome,
    misses: row.misses,
    at: `${new Date().toISOString().slice(0, 16)}Z`,
    commit: currentCommit(),
    tookSeconds,
    machine: describeMachine(postgres),
  };
  const known = scenarios.filter(({ name }) => name in records);
  const kept = Object.fromEntries(known.map(({ name }) => [name, records[name]!]));
  await writeFile(recordsFile, `${JSON.stringify(kept, null, 2)}\n`);
  await writeReliabilityPage();
}

/** Writes docs/reliability.md from the stored fault runs and mutation scores. */
export async function writeReliabilityPage(): Promise<void> {
  const records = await readRecords();
  const known = scenarios.filter(({ name }) => name in records);
  const rows = known.map((scenario) => ({ scenario, ...records[scenario.name]! }));
  await writeFile(reportFile, `${markdownReport(rows)}${scoresSection(await readScores())}`);
}

async function readRecords(): Promise<{ [name: string]: ScenarioRecord }> {
  try {
    return JSON.parse(await readFile(recordsFile, 'utf8')) as { [name: string]: ScenarioRecord };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** The commit of the sources; changes in `docs` do not count, because a run writes there. */
export function currentCommit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':!docs') !== '';
  return git('rev-parse', '--short', 'HEAD') + (changed ? ' with changes' : '');
}

function describeMachine(postgres: string): string {
  const processor = os.cpus()[0]?.model.trim() ?? 'unknown processor';
  const memoryGb = Math.round(os.totalmem() / 2 ** 30);
  return `${os.cpus().length} × ${processor}, ${memoryGb} GB, ${os.type()} ${os.release()}, Node ${process.versions.node}, ${postgres}`;
}
