/** Adds a memory, up to the limit of an account. */
import { memoriesAtMost, type Memory } from '../../contract/memories.ts';
import { once, type Once } from '../accounts/once.ts';
import type { RequestKey } from '../http/serve.ts';
import type { Database } from '../ports/database.ts';
import { ProblemError } from '../problems/problem.ts';
import { presentMemory } from './present.ts';
import { insertMemory, lockMemories } from './store.ts';

/** Throws `limit_reached` when the account has as many as it may, and what `once` throws. */
export async function addMemory(
  db: Database,
  userId: number,
  content: string,
  requestKey: RequestKey | null,
): Promise<Once<Memory>> {
  const { created, replayed } = await once(db, userId, requestKey, async (tx) => {
    await lockMemories(tx, userId);
    const row = await insertMemory(tx, userId, content, memoriesAtMost);
    if (row === null) throw new ProblemError('limit_reached', { values: { limit: memoriesAtMost } });
    // The text stays out of what is kept with a key, so that deleting a memory deletes it.
    const { content: _, ...rest } = presentMemory(row);
    return rest;
  });
  return { created: { ...created, content }, replayed };
}
