/** The key pair of push messages, made at first use and the same in all processes. */
import type { Connection } from '../ports/database.ts';
import type { Push, PushKeys } from '../ports/push.ts';
import { keepPushKeys, readPushKeys } from './store.ts';

/** Of processes that make keys concurrently, all return those that were stored first. */
export async function pushKeysOf(db: Connection, push: Push): Promise<PushKeys> {
  const known = await readPushKeys(db);
  if (known !== null) return known;
  await keepPushKeys(db, push.createKeys());
  return (await readPushKeys(db))!;
}
