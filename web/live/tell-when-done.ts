/**
 * Signals an answer that completes while no tab is visible: a dot in the title, the number of unread ones on the app's icon and,
 * by setting, a system notification.
 */
import type { QueryClient } from '@tanstack/react-query';
import { markTitle } from '../app/page-title.ts';
import { text } from '../languages/text.ts';
import { tellWhenDone } from '../settings/preferences.ts';
import type { Feed } from './feed.ts';
import { keepBadge } from './unread-badge.ts';

/** Time for a visible tab to report that the answer was seen. */
const seenWithinMs = 400;

/** Subscribes to a feed; returns a function that unsubscribes. */
export function tellOfAnswers(feed: Feed, queries: QueryClient): () => void {
  const removeBadge = keepBadge(queries);
  const channel = new BroadcastChannel('pollux.seen');
  const waiting = new Map<number, ReturnType<typeof setTimeout>>();
  channel.addEventListener('message', ({ data }: MessageEvent<number>) => {
    clearTimeout(waiting.get(data));
    waiting.delete(data);
  });
  const clear = () => document.visibilityState === 'visible' && markTitle(false);
  document.addEventListener('visibilitychange', clear);

  const stop = feed.onEvent((event) => {
    if (event.type !== 'reply.completed' && event.type !== 'reply.failed') return;
    const { message_id: id, chatroom_id: roomId } = event;
    if (document.visibilityState === 'visible') return channel.postMessage(id);
    const timer = setTimeout(() => {
      waiting.delete(id);
      markTitle(true);
      if (tellWhenDone.isOn()) void notify(roomId, event.type === 'reply.failed');
    }, seenWithinMs);
    waiting.set(id, timer);
  });

  return () => {
    stop();
    removeBadge();
    for (const timer of waiting.values()) clearTimeout(timer);
    document.removeEventListener('visibilitychange', clear);
    channel.close();
  };
}

/** One notification for each room, across tabs; a click opens the room. */
async function notify(roomId: number, failed: boolean): Promise<void> {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  const title = text(failed ? 'announce.failed' : 'announce.complete');
  const options = { tag: `pollux-${roomId}`, icon: '/app/icon-192.png', data: { path: `/app/c/${roomId}` } };
  const registration = await navigator.serviceWorker?.getRegistration('/app/');
  await registration?.showNotification(title, options);
}
