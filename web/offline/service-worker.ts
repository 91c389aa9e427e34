/** Serves the client's files offline, and receives what other apps share. API responses are never cached. */
import { receiveShare, sharedCache } from './share-target.ts';

const worker = self as unknown as ServiceWorkerGlobalScope;

/** Filled in by the build: the files of the first view, and their hash. */
const files: readonly string[] = JSON.parse('["__FILES__"]') as string[];
const version = '__VERSION__';
const shell = '/app/';

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(version).then((cache) => cache.addAll([shell, ...files])));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(removeOldVersions());
});

async function removeOldVersions(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name !== version && name !== sharedCache).map((name) => caches.delete(name)),
  );
}

// A new version is activated only when the user agrees.
worker.addEventListener('message', ({ data }) => {
  if (data === 'take-over') void worker.skipWaiting();
});

// An answer is ready. Pages that are seen show it themselves.
worker.addEventListener('push', (event) => {
  event.waitUntil(tellOfAnswer(event.data?.json() as PushMessage));
});

/** The decrypted content of a push message. */
interface PushMessage {
  readonly chatroom_id: number;
  readonly title: string;
  /** The room's name. */
  readonly body: string;
  /** Only the newest notification of a room is shown, also of those that pages show. */
  readonly tag: string;
}

async function tellOfAnswer({ chatroom_id, title, body, tag }: PushMessage): Promise<void> {
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.some(({ visibilityState }) => visibilityState === 'visible')) return;
  const options = { body, tag, icon: `${shell}icon-192.png`, data: { path: `${shell}c/${chatroom_id}` } };
  await worker.registration.showNotification(title, options);
  // A page that is opened shows how many.
  await (worker.navigator as Partial<WorkerNavigator>).setAppBadge?.().catch(() => {});
}

// A click on a notification opens its room, in an open tab or a new one.
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { path } = event.notification.data as { path: string };
  event.waitUntil(show(path));
});

async function show(path: string): Promise<void> {
  const tabs = await worker.clients.matchAll({ type: 'window' });
  const tab = tabs.find(({ url }) => new URL(url).pathname === path) ?? tabs[0];
  if (!tab) return void (await worker.clients.openWindow(path));
  const focused = await tab.focus();
  if (new URL(focused.url).pathname !== path) await focused.navigate(path);
}

worker.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const isShare = event.request.method === 'POST' && origin === location.origin && pathname === `${shell}share`;
  if (isShare) return event.respondWith(receiveShare(event.request));
  if (event.request.method !== 'GET' || origin !== location.origin || !pathname.startsWith(shell)) return;
  // The server renders shared chats.
  if (pathname.startsWith(`${shell}shared/`) || pathname === `${shell}status`) return;
  if (event.request.mode === 'navigate') event.respondWith(cached(shell, event.request));
  else if (pathname.startsWith(`${shell}assets/`) || files.includes(pathname))
    event.respondWith(cached(pathname, event.request));
});

/** From the cache, otherwise from the network; files with a hash in their name are then cached. */
async function cached(key: string, request: Request): Promise<Response> {
  const cache = await caches.open(version);
  const known = await cache.match(key);
  if (known) return known;
  const response = await fetch(request);
  if (response.ok && key.startsWith(`${shell}assets/`)) await cache.put(key, response.clone());
  return response;
}
