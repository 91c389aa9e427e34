/** Erases deleted accounts in the background, a few hundred rows at a time. */
import type { Logger } from 'pino';
import { eraseFiles, type SweepDeps } from '../files/sweep.ts';
import { forgetRoomList } from '../chatrooms/room-list.ts';
import type { Cache } from '../ports/cache.ts';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import type { Payments } from '../ports/payments.ts';
import { eraseAccountRow, eraseSomeMessages, forgetCustomerOf, readLeftCustomer } from './store.ts';

export interface EraseDeps extends SweepDeps {
  readonly feed: Feed;
  readonly cache: Cache;
  readonly log: Logger;
}

/**
 * Erases an account's messages, rooms and files, its feed and its cached lists, and, a minute after the deletion, when nothing that was
 * running can write any more, the account itself with all that belongs to it. Rejects while the feed is unavailable.
 */
export async function eraseAccount(
  { db, storage, feed, cache, log }: EraseDeps,
  userId: number,
  signal: AbortSignal,
): Promise<void> {
  // Before the rooms: with them the rows of files go, which tell where the bytes are.
  await eraseFiles({ db, storage }, userId, signal);
  while (await eraseSomeMessages(db, userId)) signal.throwIfAborted();
  await forgetRoomList(cache, userId);
  await feed.forget(userId);
  if (await eraseAccountRow(db, userId)) log.info({ user_id: userId }, 'erased a deleted account');
}

/** Ends the subscription of a deleted account without refund. Rejects while the vendor is unavailable. */
export async function deleteCustomerOf(db: Database, payments: Payments, deletionId: number): Promise<void> {
  const customerId = await readLeftCustomer(db, deletionId);
  if (customerId === null) return;
  await payments.deleteCustomer(customerId);
  await forgetCustomerOf(db, deletionId, customerId);
}
