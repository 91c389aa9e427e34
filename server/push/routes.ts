/** HTTP routes for push subscriptions. */
import { replayedHeaders } from '../../contract/endpoint.ts';
import * as contract from '../../contract/push.ts';
import { once } from '../accounts/once.ts';
import type { Serve } from '../http/serve.ts';
import { languageOf } from '../languages/reader.ts';
import type { Database } from '../ports/database.ts';
import type { Push } from '../ports/push.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import { pushKeysOf } from './keys.ts';
import { deleteSubscription, listSubscriptions, putSubscription } from './store.ts';

export interface PushDeps {
  readonly db: Database;
  /** Null while push messages are not configured. */
  readonly push: Push | null;
}

export function servePush(serve: Serve, { db, push }: PushDeps): void {
  serve(contract.readPushKey, async () => {
    if (push === null) throw notFound();
    const { publicKey } = await pushKeysOf(db, push);
    return { public_key: publicKey };
  });

  serve(contract.addPushSubscription, async ({ caller, body, requestKey, request, reply }) => {
    if (push === null) throw notFound();
    const { endpoint, keys } = body;
    if (!(await push.accepts(endpoint)))
      throw new ProblemError('validation_failed', { errors: [{ pointer: '/endpoint', sentence: 'push-endpoint' }] });
    const { userId, sessionId } = caller;
    const language = languageOf(request.headers);
    const { created, replayed } = await once(db, userId, requestKey, async (tx) => {
      const subscription = { userId, sessionId, endpoint, ...keys, language };
      const { id, createdAt } = await putSubscription(tx, subscription, contract.pushSubscriptionsAtMost);
      return { id, created_at: createdAt.toISOString() };
    });
    if (replayed) reply.headers(replayedHeaders);
    reply.header('location', `/user/push-subscriptions/${created.id}`);
    return created;
  });

  serve(contract.listPushSubscriptions, async ({ caller }) => {
    const rows = await listSubscriptions(db, caller.userId);
    return rows.map(({ id, sessionId, endpoint, createdAt }) => ({
      id,
      created_at: createdAt.toISOString(),
      host: new URL(endpoint).host,
      current: sessionId === caller.sessionId,
    }));
  });

  serve(contract.deletePushSubscription, async ({ caller, params }) => {
    if (!(await deleteSubscription(db, caller.userId, params.subscription_id))) throw notFound();
    return undefined;
  });
}
