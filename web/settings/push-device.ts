/** Push messages for this browser (Push API); loaded on demand. */
import type { ListedPushSubscription } from '../../contract/push.ts';
import type { ServiceInfo } from '../../contract/service.ts';
import { call } from '../api/request.ts';

/** False where the browser or the server has no push messages; notifications then need an open tab. */
export async function subscribeToPush(): Promise<boolean> {
  if (!('PushManager' in globalThis)) return false;
  const registration = await navigator.serviceWorker.ready;
  const { features } = await call<ServiceInfo>('GET', '/');
  if (!features.includes('push')) return false;
  const { public_key: key } = await call<{ public_key: string }>('GET', '/push/key');
  const subscription = await subscribe(registration.pushManager, key);
  const { endpoint, keys } = subscription.toJSON();
  await call('POST', '/user/push-subscriptions', {
    body: { endpoint, keys },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });
  return true;
}

/** A server with another database has another key, with which the browser does not subscribe beside the first. */
async function subscribe(manager: PushManager, key: string): Promise<PushSubscription> {
  const options = { userVisibleOnly: true, applicationServerKey: key };
  try {
    return await manager.subscribe(options);
  } catch (error) {
    const other = await manager.getSubscription();
    if (other === null) throw error;
    await other.unsubscribe();
    return manager.subscribe(options);
  }
}

/** Ends it in the browser and on the server. */
export async function unsubscribeFromPush(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration('/app/');
  const subscription = await registration?.pushManager?.getSubscription();
  if (!subscription) return;
  await subscription.unsubscribe();
  const all = await call<ListedPushSubscription[]>('GET', '/user/push-subscriptions');
  const mine = all.filter(({ current }) => current);
  await Promise.all(mine.map(({ id }) => call('DELETE', `/user/push-subscriptions/${id}`)));
}
