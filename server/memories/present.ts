/** Memories as the contract shows them. */
import type { Memory } from '../../contract/memories.ts';
import type { MemoryRow } from './store.ts';

export function presentMemory({ id, content, createdAt }: MemoryRow): Memory {
  return { id, content, created_at: createdAt.toISOString() };
}
