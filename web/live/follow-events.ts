/** Follows the live feed as server-sent events over `fetch`, which sends the token, unlike `EventSource`. */
import { i18n } from '@lingui/core';
import { apiBase } from '../api/send.ts';
import { authorize, renew } from '../session/session.ts';
import type { Follow, LiveEvent } from './live-event.ts';
import { readEvents } from './server-sent-events.ts';
import { isSeen, watchVisibility } from './visibility.ts';

/** Whoever looks away for less than this does not open the stream again. */
const settledAfterMs = 500;

/** The stream says only when it is opened whether the page can be seen, so that it is opened again when that changes. */
export const followEvents: Follow = async (position, signal, deliver) => {
  let after = position;
  for (;;) {
    const seen = await isSeen();
    const again = new AbortController();
    const stop = onceChanged(seen, () => again.abort());
    try {
      return await readStream({ after, seen, signal: AbortSignal.any([signal, again.signal]) }, (sent) => {
        after = sent.id || after;
        deliver(sent);
      });
    } catch (error) {
      if (signal.aborted || !again.signal.aborted) throw error;
    } finally {
      stop();
    }
  }
};

/** Calls `then` when the page has been other than `seen` for a while; returns a function that stops it. */
function onceChanged(seen: boolean, then: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = watchVisibility(seen, (now) => {
    clearTimeout(timer);
    if (now !== seen) timer = setTimeout(then, settledAfterMs);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

interface Stream {
  /** Position to resume from; empty at first. */
  readonly after: string;
  readonly seen: boolean;
  readonly signal: AbortSignal;
}

async function readStream({ after, seen, signal }: Stream, deliver: Parameters<Follow>[2]): Promise<void> {
  const open = (bearer: string | null) =>
    fetch(`${apiBase}/events${seen ? '' : '?visible=false'}`, {
      signal,
      headers: {
        'accept-language': i18n.locale,
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(after !== '' && { 'last-event-id': after }),
      },
    });
  const first = await open(await authorize());
  const response = first.status === 401 ? await open(await renew(first)) : first;
  if (!response.ok || response.body === null) throw new Error(`the feed answered ${response.status}`);
  for await (const { id, data } of readEvents(response.body)) {
    deliver({ id, event: data === null ? null : (JSON.parse(data) as LiveEvent) });
  }
}
