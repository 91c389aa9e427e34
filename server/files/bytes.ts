/** Stored bytes: their keys, how they are counted, and their deletion. */
import { randomUUID } from 'node:crypto';
import type { Storage } from '../ports/storage.ts';

/** As plans count. */
export const megabyte = 1_000_000;

/** A new key, under which nothing is stored. */
export function newKey(): string {
  const id = randomUUID();
  return `${id.slice(0, 2)}/${id}`;
}

/** Deletes bytes that no row names. The sweep makes up for what fails. */
export async function discardBytes(storage: Storage, keys: readonly string[]): Promise<void> {
  await Promise.allSettled(keys.map((key) => storage.delete(key)));
}
