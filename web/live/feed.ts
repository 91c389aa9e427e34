/**
 * One live connection for each browser. The tab that holds the lock reads the feed and forwards every event to the others;
 * when it closes, the next one takes the lock and resumes from the position it saw last.
 */
import { i18n } from '@lingui/core';
import type { FeedEvent } from '../../contract/events.ts';
import { apiBase } from '../api/send.ts';
import { authorize, renew, session } from '../session/session.ts';
import { readEvents } from './server-sent-events.ts';

export type Connection = 'connecting' | 'live' | 'lost';
/** An event, or `feed.reset`: events may have been missed, so data must be read again. */
export type LiveEvent = FeedEvent | { readonly type: 'feed.reset'; readonly reason: string };

type Word =
  | { readonly kind: 'event'; readonly id: string; readonly event: LiveEvent }
  | { readonly kind: 'connection'; readonly connection: Connection }
  | { readonly kind: 'hello' };

/** The server sends a ping every 15 s. */
const deadAfterMs = 45_000;
const firstRetryMs = 500;
const longestRetryMs = 15_000;

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
      const timer = setTimeout(retry.resolve, failures === 0 ? 0 : wait);
      await retry.promise;
      clearTimeout(timer);
    }
  }

  /** Reads until the connection ends, times out or is aborted. */
  async function readOnce(onOpen: () => void): Promise<void> {
    const abort = new AbortController();
    current = abort;
    const signal = AbortSignal.any([abort.signal, closing.signal]);
    const response = await connect(signal, await authorize());
    if (!response.ok || response.body === null) throw new Error(`the feed answered ${response.status}`);
    let deadline = setTimeout(() => abort.abort(), deadAfterMs);
    try {
      for await (const sent of readEvents(response.body)) {
        clearTimeout(deadline);
        deadline = setTimeout(() => abort.abort(), deadAfterMs);
        if (connection !== 'live') {
          onOpen();
          publishConnection('live');
        }
        if (sent.data === null) position = sent.id || position;
        else publish(sent.id, JSON.parse(sent.data) as LiveEvent);
      }
    } finally {
      clearTimeout(deadline);
      current = null;
    }
  }

  async function connect(signal: AbortSignal, token: string | null): Promise<Response> {
    const open = (bearer: string | null) =>
      fetch(`${apiBase}/events`, {
        signal,
        headers: {
          'accept-language': i18n.locale,
          ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
          ...(position !== '' && { 'last-event-id': position }),
        },
      });
    const response = await open(token);
    return response.status === 401 ? open(await renew(response)) : response;
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
