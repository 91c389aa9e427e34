/** Builds the search index in the background, in the order of ids, so that sending a message does not wait for it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../ports/database.ts';
import { holdIndex, readDue, readNewer, writeIndex, type UnindexedRow } from './index-store.ts';
import { vectorOf } from '../languages/terms.ts';

/**
 * Indexes until nothing is left, the signal aborts, or another worker holds the lease. Rests as long as each batch took, for
 * replies go first.
 */
export async function indexMessages(db: Database, workerId: string, signal: AbortSignal): Promise<void> {
  let working = true;
  while (working && !signal.aborted) {
    const begun = performance.now();
    working = await indexBatch(db, workerId);
    if (working) await pause(performance.now() - begun, undefined, { signal }).catch(() => {});
  }
}

async function indexBatch(db: Database, workerId: string): Promise<boolean> {
  const afterId = await holdIndex(db, workerId);
  if (afterId === null) return false;
  const [due, newer] = [await readDue(db), await readNewer(db, afterId)];
  if (due.length === 0 && newer.length === 0) return false;
  const withText = [...due, ...newer].filter(hasText);
  const empty = due.filter((row) => !hasText(row));
  return writeIndex(db, workerId, {
    afterId: newer.at(-1)?.id ?? afterId,
    terms: new Map(withText.map(({ id, content }) => [id, vectorOf(content)])),
    wait: [...newer.filter((row) => !hasText(row) && row.recent).map(({ id }) => id), ...missingIn(newer, afterId)],
    again: empty.filter(({ recent }) => recent).map(({ id }) => id),
    giveUp: empty.filter(({ recent }) => !recent).map(({ id }) => id),
  });
}

function hasText({ content }: UnindexedRow): boolean {
  return content !== '';
}

/** More ids in a row than transactions run at once. */
const longestGap = 1000;

/** Ids between recent messages: their transactions may commit later. */
function missingIn(newer: readonly UnindexedRow[], afterId: number): number[] {
  return newer.flatMap(({ id, recent }, index) => {
    const before = newer[index - 1]?.id ?? afterId;
    const gap = id - before - 1;
    if (!recent || gap > longestGap) return [];
    return Array.from({ length: gap }, (_, n) => before + 1 + n);
  });
}
