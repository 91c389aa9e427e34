/** Follows the live feed as server-sent events over `fetch`, which sends the token, unlike `EventSource`. */
import { i18n } from '@lingui/core';
import { apiBase } from '../api/send.ts';
import { authorize, renew } from '../session/session.ts';
import type { Follow, LiveEvent } from './live-event.ts';
import { readEvents } from './server-sent-events.ts';

export const followEvents: Follow = async (position, signal, deliver) => {
  const open = (bearer: string | null) =>
    fetch(`${apiBase}/events`, {
      signal,
      headers: {
        'accept-language': i18n.locale,
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(position !== '' && { 'last-event-id': position }),
      },
    });
  const first = await open(await authorize());
  const response = first.status === 401 ? await open(await renew(first)) : first;
  if (!response.ok || response.body === null) throw new Error(`the feed answered ${response.status}`);
  for await (const { id, data } of readEvents(response.body)) {
    deliver({ id, event: data === null ? null : (JSON.parse(data) as LiveEvent) });
  }
};
