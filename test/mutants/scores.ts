/** The newest mutation score of each folder, kept in docs/mutation-scores.json, and how docs/reliability.md tells it. */
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

/** Puts a folder's score in the place of its last one. */
export async function keepScore(folder: string, score: FolderScore): Promise<void> {
  const scores = { ...(await readScores()), [folder]: score };
  const known = Object.keys(folders).filter((name) => name in scores);
  const kept = Object.fromEntries(known.map((name) => [name, scores[name]]));
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`);
}

/** Noticed of all changes, in percent. */
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
## Would the tests notice?

StrykerJS changed these folders, one small change at a time, and ran the tests that reach them in one process; a change
is noticed when a test fails. \`tables.ts\` is left out: what runs are the migrations that were generated from it.
\`npm run test:mutants -- FOLDER\` does it again and replaces the row. Changes made by hand, each with the test that
notices it, stand in [mutants.md](mutants.md).

| folder | changes | noticed | score | run |
| --- | ---: | ---: | ---: | --- |
${rows.join('\n')}
`;
}
