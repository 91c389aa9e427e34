/** A rolling restart: each process closes its sockets with 1012, and reconnecting clients miss nothing. */
import { expect, it } from 'vitest';
import { signIn, type ReceivedEvent } from '../client.ts';
import { startProduct } from '../harness.ts';
import { fullestMode } from '../modes.ts';
import { openFeedSocket, openSilently } from './feed-socket.ts';

it.skipIf(fullestMode.apis < 2)('loses nothing for clients that reconnect', { timeout: 60_000 }, async () => {
  await using place = await fullestMode.place();
  await using first = await startProduct(place, { role: 'api' });
  let old = await startProduct(place, { role: 'api' });
  const user = await signIn(first.url);
  await using control = await user.events();
  await expect.poll(() => control.position).not.toBe('');
  const seen: ReceivedEvent[] = [];
  let after = control.position;
  for (let restart = 0; restart < 4; restart++) {
    const next = await startProduct(place, { role: 'api' });
    await using socket = await openFeedSocket(user, { after, url: old.url });
    await using silent = await openSilently(user, { url: old.url });
    const rooms = [0, 1, 2].map((n) => user.room(`${restart}.${n}`));
    await socket.next((event) => event.type === 'chatroom.created' && event.chatroom.name.startsWith(`${restart}.`));
    const closing = old.product.close(10_000);
    expect([await socket.closed, await silent.closed]).toEqual([1012, 1012]);
    await closing;
    await Promise.all(rooms);
    await user.room(`${restart}.missed`);
    seen.push(...socket.received);
    after = socket.position;
    old = next;
  }
  await using last = await openFeedSocket(user, { after, url: old.url });
  await last.next((event) => event.type === 'chatroom.created' && event.chatroom.name === '3.missed');
  expect([...seen, ...last.received]).toEqual(control.received);
  await old.product.close(0);
});
