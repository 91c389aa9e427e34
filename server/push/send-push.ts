/** Sends one push message: that an answer is ready, to one device. */
import type { Logger } from 'pino';
import type { PushMessage } from '../../contract/push.ts';
import type { JobKind } from '../jobs/job.ts';
import { languages, say } from '../languages/catalog.ts';
import type { Database } from '../ports/database.ts';
import type { Push } from '../ports/push.ts';
import { pushKeysOf } from './keys.ts';
import { isQuiet } from './quiet-hours.ts';
import { pauseSubscription, readDelivery, removeGone, type Delivery, type DuePush } from './store.ts';

export const pushMessage: JobKind<DuePush> = {
  name: 'push-message',
  key: ({ subscriptionId, replyId }) => `${subscriptionId}/${replyId}`,
  duplicates: 'drop',
  concurrency: 8,
};

export interface SendPushDeps {
  readonly db: Database;
  /** Null while push messages are not configured: they wait until they are, at most a day. */
  readonly push: Push | null;
  readonly log: Logger;
}

/** Later than this an answer is no news. */
const newsSeconds = 24 * 60 * 60;

/**
 * Rejects if the push service shall be asked again. A message may be sent twice, if a process dies between the service's answer
 * and the end of the job; the second replaces the first by its topic, or in the browser by its tag.
 */
export async function sendPush(
  { db, push, log }: SendPushDeps & { readonly push: Push },
  due: DuePush,
  leaving: AbortSignal,
): Promise<void> {
  const delivery = await readDelivery(db, due);
  if (delivery === null || delivery.ageSeconds > newsSeconds) return;
  if (delivery.quiet !== null && isQuiet(delivery.quiet, new Date())) return;
  if (delivery.isPaused) throw new Error('the push service asked to wait');
  const message = messageOf(delivery, due.replyId);
  const content = {
    text: JSON.stringify(message),
    topic: message.tag,
    ttlSeconds: Math.ceil(newsSeconds - delivery.ageSeconds),
  };
  const outcome = await push.send(delivery, content, await pushKeysOf(db, push), leaving);
  if (outcome.kind === 'gone') await removeGone(db, due.subscriptionId, delivery.endpoint);
  if (outcome.kind === 'refused') {
    const { host } = new URL(delivery.endpoint);
    log.warn({ subscription_id: due.subscriptionId, host, reason: outcome.reason }, 'a push message was refused');
  }
  if (outcome.kind !== 'later') return;
  if (outcome.afterMs !== null) await pauseSubscription(db, due.subscriptionId, outcome.afterMs);
  throw new Error(`the push service does not take it now: ${outcome.reason}`);
}

function messageOf({ status, roomId, roomName, language, asked }: Delivery, replyId: number): PushMessage {
  const spoken = languages.includes(language ?? '') ? language! : asked;
  return {
    type: status === 'complete' ? 'reply.completed' : 'reply.failed',
    chatroom_id: roomId,
    message_id: replyId,
    title: say(spoken, status === 'complete' ? 'push.complete' : 'push.failed'),
    body: roomName,
    tag: `pollux-${roomId}`,
  };
}
