/** Finds replies that have ended, and sends the jobs that tell people who are not looking. */
import type { Logger } from 'pino';
import type { Jobs } from '../jobs/job.ts';
import type { Database } from '../ports/database.ts';
import type { Presence } from '../ports/presence.ts';
import { pushMessage } from './send-push.ts';
import { findDue, takeDue } from './store.ts';

export interface TakeDueDeps {
  readonly db: Database;
  readonly jobs: Jobs;
  readonly presence: Presence;
  readonly log: Logger;
}

const mostAtOnce = 200;

/**
 * A trigger notes each reply in the transaction that ends it; here the note is exchanged for jobs in one transaction, so that a
 * process that dies anywhere loses none.
 */
export async function tellOfEndedReplies({ db, jobs, presence, log }: TakeDueDeps): Promise<void> {
  for (;;) {
    const due = await findDue(db, mostAtOnce);
    if (due.length === 0) return;
    const accounts = [...new Set(due.map(({ userId }) => userId))];
    const looking = await lookingOf(presence, accounts, log);
    const replyIds = due.map(({ replyId }) => replyId);
    await jobs.transaction([pushMessage], async (tx, send) => {
      for (const one of await takeDue(tx, replyIds, looking)) await send(pushMessage, one);
    });
    if (due.length < mostAtOnce) return;
  }
}

/** Those that somebody looks at. While that cannot be known, they are told: a visible page does not show the message. */
async function lookingOf(presence: Presence, accounts: readonly number[], log: Logger): Promise<number[]> {
  try {
    const answers = await Promise.all(accounts.map((userId) => presence.isLooking(userId)));
    return accounts.filter((_, index) => answers[index]);
  } catch (error) {
    log.warn({ err: error }, 'it is not known who is looking, push messages are sent');
    return [];
  }
}
