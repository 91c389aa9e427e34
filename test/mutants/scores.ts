/** The newest mutation score of each folder, stored in docs/mutation-scores.json, and its table in docs/reliability.md. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { folders } from './folders.ts';

export interface FolderScore {
  /** Changes that made a test fail. */
  readonly noticed: number;
  readonly unnoticed: number;
  /** RFC 3339, to the minute. */
  readonly at: string;
  readonly commit: string;
  readonly tookSeconds: number;
}

export type Scores = Readonly<Record<string, FolderScore>>;

const file = path.resolve(import.meta.dirname, '../../docs/mutation-scores.json');

export async function readScores(): Promise<Scores> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Scores;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Replaces a folder's score. */
export async function keepScore(folder: string, score: FolderScore): Promise<void> {
  const scores = { ...(await readScores()), [folder]: score };
  const known = Object.keys(folders).filter((name) => name in scores);
  const kept = Object.fromEntries(known.map((name) => [name, scores[name]]));
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`);
}

/** Detected changes, in percent of all. */
export function percentOf({ noticed, unnoticed }: Pick<FolderScore, 'noticed' | 'unnoticed'>): number {
  return (100 * noticed) / (noticed + unnoticed);
}

/** A section of the page; empty while no folder has a score. */
export function scoresSection(scores: Scores): string {
  const rows = Object.entries(scores).map(([folder, score]) => {
    const { noticed, unnoticed, at, commit, tookSeconds } = score;
    const minutes = Math.ceil(tookSeconds / 60);
    const run = `${at.replace('T', ' ')}, \`${commit}\`, ${minutes} min`;
    return `| \`server/${folder}\` | ${noticed + unnoticed} | ${noticed} | ${percentOf(score).toFixed(1)} % | ${run} |`;
  });
  if (rows.length === 0) return '';
  return `
## Mutation scores

StrykerJS made small changes in these folders, one at a time, and ran the tests that execute them in one process; a
change is detected when a test fails. \`tables.ts\` is left out, because the migrations generated from it run instead.
\`npm run test:mutants -- FOLDER\` repeats a run and replaces its row. [mutants.md](mutants.md) lists changes made by
hand, each with the test that detects it.

| folder | changes | detected | score | run |
| --- | ---: | ---: | ---: | --- |
${rows.join('\n')}
`;
}
