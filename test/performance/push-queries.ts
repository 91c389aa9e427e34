/** Examples of the queries of push messages, by exported name; for `every-query.ts`. */
import type { Connection } from '../../server/ports/database.ts';
import * as push from '../../server/push/store.ts';

type Call = (db: Connection) => Promise<unknown>;

const userId = 500;
const sessionId = '00000000-0000-4000-8000-000000000001';
const keys = { publicKey: 'public', privateKey: 'private' };
const subscription = { userId, sessionId, endpoint: 'https://push.example.net/new', p256dh: 'p', auth: 'a' };

export const pushStore = push;

export const pushCalls: Readonly<Record<string, readonly Call[]>> = {
  readPushKeys: [(db) => push.readPushKeys(db)],
  keepPushKeys: [(db) => push.keepPushKeys(db, keys)],
  putSubscription: [(db) => push.putSubscription(db, { ...subscription, language: 'en' }, 20)],
  listSubscriptions: [(db) => push.listSubscriptions(db, userId)],
  deleteSubscription: [(db) => push.deleteSubscription(db, userId, 500)],
  removeGone: [(db) => push.removeGone(db, 500, 'https://push.example.net/500')],
  pauseSubscription: [(db) => push.pauseSubscription(db, 500, 1000)],
  findDue: [(db) => push.findDue(db, 200)],
  takeDue: [(db) => push.takeDue(db, [4000, 4002], [500])],
  readDelivery: [(db) => push.readDelivery(db, { subscriptionId: 500, replyId: 4000 })],
};
