/**
 * One live connection for each browser. The tab that holds the lock reads the feed and forwards every event to the others;
 * when it closes, the next one takes the lock and resumes from the position it saw last.
 */
import { i18n } from '@lingui/core';
import { session } from '../session/session.ts';
import { follow } from './follow.ts';
import type { LiveEvent } from './live-event.ts';

export type Connection = 'connecting' | 'live' | 'lost';

type Word =
  | { readonly kind: 'event'; readonly id: string; readonly event: LiveEvent }
  | { readonly kind: 'connection'; readonly connection: Connection }
  | { readonly kind: 'hello' };

/** The server sends a ping every 15 s. */
const deadAfterMs = 45_000;
const firstRetryMs = 500;
const longestRetryMs = 15_000;
/** Clients of a server that restarts come back within this time. */
const spreadMs = 300;

export interface Feed {
  readonly connection: Connection;
  /** Calls `listener` for every event, in order; returns a function that unsubscribes. */
  onEvent(listener: (event: LiveEvent) => void): () => void;
  onConnection(listener: () => void): () => void;
  /** Retries at once, as when the network is available again. */
  retryNow(): void;
  close(): void;
}

export function openFeed(): Feed {
  const channel = new BroadcastChannel('pollux.feed');
  const eventListeners = new Set<(event: LiveEvent) => void>();
  const connectionListeners = new Set<() => void>();
  const closing = new AbortController();
  let connection: Connection = 'connecting';
  let position = '';
  let leading = false;
  let retry = Promise.withResolvers<void>();
  let current: AbortController | null = null;
  let languageChanged = false;

  channel.addEventListener('message', ({ data }: MessageEvent<Word>) => {
    if (data.kind === 'event') receive(data.id, data.event);
    else if (data.kind === 'connection') become(data.connection);
    else if (leading) channel.postMessage({ kind: 'connection', connection } satisfies Word);
  });
  channel.postMessage({ kind: 'hello' } satisfies Word);

  function receive(id: string, event: LiveEvent): void {
    if (id !== '') position = id;
    for (const listener of eventListeners) listener(event);
  }

  function become(next: Connection): void {
    if (connection === next) return;
    connection = next;
    for (const listener of connectionListeners) listener();
  }

  function publish(id: string, event: LiveEvent): void {
    receive(id, event);
    channel.postMessage({ kind: 'event', id, event } satisfies Word);
  }

  function publishConnection(next: Connection): void {
    become(next);
    channel.postMessage({ kind: 'connection', connection: next } satisfies Word);
  }

  async function lead(): Promise<void> {
    leading = true;
    let failures = 0;
    while (!closing.signal.aborted && session.state !== 'signed-out') {
      try {
        await readOnce(() => (failures = 0));
      } catch {
        failures += 1;
      }
      if (closing.signal.aborted) return;
      if (languageChanged) {
        languageChanged = false;
        continue;
      }
      publishConnection('lost');
      const wait = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures, 6)) * (0.5 + Math.random() / 2);
      retry = Promise.withResolvers();
      const timer = setTimeout(retry.resolve, failures === 0 ? spreadMs * Math.random() : wait);
      await retry.promise;
      clearTimeout(timer);
    }
  }

  /** Reads until the connection ends, times out or is aborted. */
  async function readOnce(onOpen: () => void): Promise<void> {
    const abort = new AbortController();
    const dead = () => setTimeout(() => abort.abort(), deadAfterMs);
    let deadline = dead();
    current = abort;
    try {
      await follow(position, AbortSignal.any([abort.signal, closing.signal]), ({ id, event }) => {
        clearTimeout(deadline);
        deadline = dead();
        if (connection !== 'live') {
          onOpen();
          publishConnection('live');
        }
        if (event === null) position = id || position;
        else publish(id, event);
      });
    } finally {
      clearTimeout(deadline);
      current = null;
    }
  }

  const retryNow = () => {
    retry.resolve();
    if (connection !== 'live') current?.abort();
  };
  const forgetLanguage = i18n.on('change', () => {
    languageChanged = current !== null;
    current?.abort();
  });
  closing.signal.addEventListener('abort', forgetLanguage);
  addEventListener('online', retryNow, { signal: closing.signal });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && retry.resolve(), {
    signal: closing.signal,
  });
  void navigator.locks.request('pollux.feed', { signal: closing.signal }, lead).catch(() => {});

  return {
    get connection() {
      return connection;
    },
    onEvent(listener) {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    onConnection(listener) {
      connectionListeners.add(listener);
      return () => connectionListeners.delete(listener);
    },
    retryNow,
    close() {
      closing.abort();
      retry.resolve();
      channel.close();
    },
  };
}
