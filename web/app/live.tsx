/** Provides the user's live feed, and applies its events, for all components below. */
import { useQueryClient } from '@tanstack/react-query';
import { createContext, use, useCallback, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { applyEvent } from '../live/apply-event.ts';
import { openFeed, type Connection, type Feed } from '../live/feed.ts';
import { tellWhenDone } from '../settings/preferences.ts';
import { readAgainOnceRead } from '../live/message-cache.ts';
import { liveText, type Display, type LiveReply, type LiveText } from '../live/live-text.ts';

interface Live {
  readonly feed: Feed;
  readonly text: LiveText;
}

const display: Display = {
  isVisible: () => document.visibilityState === 'visible',
  beforeNextFrame: (callback) => void requestAnimationFrame(callback),
};

const Context = createContext<Live | null>(null);

/** Keeps the feed open while mounted. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [live, setLive] = useState<Live | null>(null);

  useEffect(() => {
    const opened = { feed: openFeed(), text: liveText(display) };
    const stop = opened.feed.onEvent((event) => applyEvent({ queries, text: opened.text }, event));
    // Needed once answers arrive; the first page does not wait for it.
    let telling: Promise<() => void> | null = null;
    const stopWaiting = opened.feed.onEvent(() => {
      telling ??= import('../live/tell-when-done.ts').then(({ tellOfAnswers }) => tellOfAnswers(opened.feed, queries));
    });
    const stopOpening = opened.feed.onConnection(() => {
      if (opened.feed.connection !== 'live') return;
      stopOpening();
      readAgainOnceRead(queries);
      void import('../live/visibility.ts').then(({ countThisTab }) => countThisTab()).catch(() => {});
      // Browsers renew subscriptions, and each session has its own.
      if (tellWhenDone.isOn())
        void import('../settings/push-device.ts').then(({ subscribeToPush }) => subscribeToPush()).catch(() => {});
    });
    setLive(opened);
    return () => {
      stop();
      stopOpening();
      stopWaiting();
      void telling?.then((stopTelling) => stopTelling());
      opened.feed.close();
    };
  }, [queries]);

  return live && <Context value={live}>{children}</Context>;
}

export function useLive(): Live {
  const live = use(Context);
  if (live === null) throw new Error('useLive outside of LiveProvider');
  return live;
}

export function useConnection(): Connection {
  const { feed } = useLive();
  return useSyncExternalStore(
    (listener) => feed.onConnection(listener),
    () => feed.connection,
  );
}

/** The text of a reply while it is streamed, otherwise null. Renders at most once a frame. */
export function useLiveReply(messageId: number): LiveReply | null {
  const { text } = useLive();
  const subscribe = useCallback((listener: () => void) => text.subscribe(messageId, listener), [text, messageId]);
  return useSyncExternalStore(subscribe, () => text.read(messageId));
}
