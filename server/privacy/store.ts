/** SQL for the deletion of accounts. Each statement may run again after a crash. */
import type { Connection, Statement } from '../ports/database.ts';

const cancelReplies: Statement<never> = {
  name: 'deletion_cancel_replies',
  text: `with queued as (
      update replies set cancel_requested = true, status = 'cancelled' where user_id = $1 and status = 'queued'
    )
    update replies set cancel_requested = true where user_id = $1 and status = 'generating'`,
};

/** Ends an account's queued replies, and has its running ones stopped. */
export async function cancelAllReplies(db: Connection, userId: number): Promise<void> {
  await db.run(cancelReplies, [userId]);
}

const endShares: Statement<never> = {
  name: 'deletion_end_shares',
  text: `delete from shares using chatrooms c where c.id = shares.chatroom_id and c.user_id = $1`,
};

/** Deletes an account's shared chats: their links are dead at once. */
export async function deleteAllShares(db: Connection, userId: number): Promise<void> {
  await db.run(endShares, [userId]);
}

const record: Statement<{ id: number }> = {
  name: 'deletion_record',
  text: `insert into account_deletions (user_id, customer_id)
    select $1, (select customer_id from billing_customers where user_id = $1)
    returning id`,
};

/** Records a deletion, with the payment vendor's customer that has to be deleted there; returns the record's id. */
export async function recordDeletion(db: Connection, userId: number): Promise<number> {
  const [row] = await db.run(record, [userId]);
  return row!.id;
}

const eraseSome: Statement<{ messages: number; roomId: number | null }> = {
  name: 'deletion_erase_some',
  text: `with room as (
      select c.id from chatrooms c join users u on u.id = c.user_id
      where c.user_id = $1 and u.deleted_at is not null order by c.id limit 1
    ), gone as (
      delete from messages where id in (
        select m.id from messages m join room on room.id = m.chatroom_id order by m.id limit 500
      ) returning id
    )
    select count(*)::int as messages, (select id from room) as "roomId" from gone`,
};

const eraseRoom: Statement<never> = {
  name: 'deletion_erase_room',
  text: `delete from chatrooms where id = $1 and user_id = $2`,
};

/** Erases up to 500 messages of a deleted account, or a room that has none left. False if there is no room any more. */
export async function eraseSomeMessages(db: Connection, userId: number): Promise<boolean> {
  const [some] = await db.run(eraseSome, [userId]);
  if (some === undefined || some.roomId === null) return false;
  if (some.messages === 0) await db.run(eraseRoom, [some.roomId, userId]);
  return true;
}

/** Seconds after a deletion in which requests and replies that were already running may still write. */
const settledAfterSeconds = 60;

const eraseRow: Statement<{ erased: boolean }> = {
  name: 'deletion_erase_user',
  text: `with gone as (
      delete from users where id = $1 and deleted_at < now() - interval '${settledAfterSeconds} seconds'
        and not exists (select from chatrooms where user_id = $1)
      returning id
    )
    update account_deletions d set user_id = null, erased_at = now() from gone where d.user_id = gone.id
    returning true as erased`,
};

/** Erases the account with all that belongs to it, and closes its record; false while something may still be written. */
export async function eraseAccountRow(db: Connection, userId: number): Promise<boolean> {
  return (await db.run(eraseRow, [userId])).length > 0;
}

const due: Statement<{ userId: number }> = {
  name: 'deletions_due',
  text: `select id as "userId" from users where deleted_at is not null order by deleted_at limit $1`,
};

/** Accounts that are not erased yet. */
export function findDeletedAccounts(db: Connection, limit: number): Promise<{ userId: number }[]> {
  return db.run(due, [limit]);
}

const owed: Statement<{ deletionId: number }> = {
  name: 'deletions_owed',
  text: `select id as "deletionId" from account_deletions where customer_id is not null order by id limit $1`,
};

/** Deletions whose customer is not deleted at the payment vendor yet. */
export function findLeftCustomers(db: Connection, limit: number): Promise<{ deletionId: number }[]> {
  return db.run(owed, [limit]);
}

const customerOf: Statement<{ customerId: string }> = {
  name: 'deletion_customer',
  text: `select customer_id as "customerId" from account_deletions where id = $1 and customer_id is not null`,
};

export async function readLeftCustomer(db: Connection, deletionId: number): Promise<string | null> {
  const rows = await db.run(customerOf, [deletionId]);
  return rows[0]?.customerId ?? null;
}

const forgetCustomer: Statement<never> = {
  name: 'deletion_forget_customer',
  text: `with told as (
      update billing_events set customer_id = null, object_id = null,
        state = case when state = 'received' then 'ignored' else state end
      where customer_id = $2
    ), known as (
      delete from billing_customers where customer_id = $2
    )
    update account_deletions set customer_id = null where id = $1`,
};

/** Removes a customer that is deleted at the vendor from everything here. */
export async function forgetCustomerOf(db: Connection, deletionId: number, customerId: string): Promise<void> {
  await db.run(forgetCustomer, [deletionId, customerId]);
}
