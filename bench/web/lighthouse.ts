/** Runs Lighthouse with its slow-phone profile in the browser of a signed-in user. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import lighthouse from 'lighthouse';
import { spreadOf } from '../measure.ts';
import type { Line } from '../line.ts';
import type { Stage } from './stage.ts';

/** The least score of each category, of 100. */
const goals = { performance: 95, accessibility: 100, 'best-practices': 100 } as const;
type Category = keyof typeof goals;
const categories = Object.keys(goals) as Category[];

type Result = NonNullable<Awaited<ReturnType<typeof lighthouse>>>['lhr'];

export interface Visit {
  readonly name: string;
  readonly address: string;
  readonly rounds: number;
  /** Folder for the full reports; null if none were requested. */
  readonly profiles: string | null;
}

export async function lighthouseLines(stage: Stage, visit: Visit): Promise<Line[]> {
  const results: Result[] = [];
  for (let round = 0; round < visit.rounds; round += 1) results.push(await lookAt(stage, visit, round));
  return categories.map((category) => {
    const scores = spreadOf(results.map((result) => Math.round((result.categories[category]!.score ?? 0) * 100)));
    return {
      name: `Lighthouse, ${category.replace('-', ' ')} of ${visit.name}`,
      ours: `${scores.median} (${scores.lowest}–${scores.highest})`,
      bare: '',
      ratio: null,
      goal: category === 'performance' ? `≥ ${goals[category]}` : `${goals[category]}`,
      met: scores.median >= goals[category],
      note: noteOn(category, results),
    };
  });
}

async function lookAt(
  { url, debuggingPort }: Stage,
  { name, address, profiles }: Visit,
  round: number,
): Promise<Result> {
  // By default it first deletes service workers and caches, but not cookies and stored data.
  const flags = { port: debuggingPort, logLevel: 'error' as const, onlyCategories: [...categories] };
  const result = await lighthouse(url + address, flags);
  if (result === undefined || result.lhr.runtimeError)
    throw new Error(`no result: ${result?.lhr.runtimeError?.message}`);
  if (result.lhr.finalDisplayedUrl !== url + address) throw new Error(`it ended at ${result.lhr.finalDisplayedUrl}`);
  if (profiles !== null) {
    mkdirSync(profiles, { recursive: true });
    writeFileSync(
      path.join(profiles, `lighthouse-${name.replaceAll(' ', '-')}-${round}.json`),
      JSON.stringify(result.lhr),
    );
  }
  return result.lhr;
}

/** For performance the figures it is made of, otherwise what fails. */
function noteOn(category: Category, results: readonly Result[]): string {
  const { audits, categories: scored } = results[0]!;
  if (category === 'performance') {
    const middle = (id: string) =>
      spreadOf(results.map((result) => result.audits[id]?.numericValue ?? Number.NaN)).median;
    const seconds = (id: string) => `${(middle(id) / 1000).toFixed(1)} s`;
    return (
      `First paint ${seconds('first-contentful-paint')}, largest ${seconds('largest-contentful-paint')}, speed index ` +
      `${seconds('speed-index')}, blocked for ${middle('total-blocking-time').toFixed(0)} ms, layout shift ` +
      `${middle('cumulative-layout-shift').toFixed(2)}.`
    );
  }
  const failed = scored[category]!.auditRefs.map(({ id }) => audits[id]!).filter(
    ({ score }) => score !== null && score < 1,
  );
  return failed.length === 0 ? '' : `Fails: ${failed.map(({ title }) => title).join('; ')}.`;
}
