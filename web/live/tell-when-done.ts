/** Tells of an answer that is done while nobody looks: a dot in the tab's title and, if chosen, the system's notice. */
import { markTitle } from '../app/page-title.ts';
import { text } from '../languages/text.ts';
import { tellWhenDone } from '../settings/preferences.ts';
import type { Feed } from './feed.ts';

/** Within this time a tab that is looked at says that the answer was seen. */
const seenWithinMs = 400;

/** Watches a feed; returns the way to stop. */
export function tellOfAnswers(feed: Feed): () => void {
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
    for (const timer of waiting.values()) clearTimeout(timer);
    document.removeEventListener('visibilitychange', clear);
    channel.close();
  };
}

/** One notice a room, whichever tab shows it; a click on it leads there. */
async function notify(roomId: number, failed: boolean): Promise<void> {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  const title = text(failed ? 'announce.failed' : 'announce.complete');
  const options = { tag: `pollux-${roomId}`, icon: '/app/icon-192.png', data: { path: `/app/c/${roomId}` } };
  const registration = await navigator.serviceWorker?.getRegistration('/app/');
  await registration?.showNotification(title, options);
}
