/** Adds a memory, up to the limit of an account. */
import { memoriesAtMost } from '../../contract/memories.ts';
import type { Database } from '../ports/database.ts';
import { ProblemError } from '../problems/problem.ts';
import { insertMemory, lockMemories, type MemoryRow } from './store.ts';

/** Throws `limit_reached` when the account has as many as it may. */
export async function addMemory(db: Database, userId: number, content: string): Promise<MemoryRow> {
  const row = await db.transaction(async (tx) => {
    await lockMemories(tx, userId);
    return insertMemory(tx, userId, content, memoriesAtMost);
  });
  if (row === null) throw new ProblemError('limit_reached', { values: { limit: memoriesAtMost } });
  return row;
}
