/** Tickets, which open the feed for browsers: once, within a minute, while their session is valid. */
import { expect } from 'vitest';
import { openEventStream, signIn, type Client } from '../client.ts';
import { productTest } from '../fixtures.ts';
import type { RunningProduct } from '../harness.ts';
import { sqlOf } from '../sql.ts';

const rivals = 20;

const it = productTest();

const feed = (running: RunningProduct, ticket: string) => `${running.url}/events?ticket=${ticket}`;
const refused = /no stream: 401 .*invalid_token/;

async function ticketOf(user: Client): Promise<string> {
  const answer = await user.call('POST', '/events/ticket');
  expect([answer.status, answer.body.expires_in]).toEqual([201, 60]);
  return answer.body.ticket;
}

it('opens the feed of its owner, once', async ({ running, user }) => {
  const ticket = await ticketOf(user);
  await using stream = await openEventStream(feed(running, ticket), {});
  await user.room('Mine');
  const { event } = await stream.next(() => true);
  expect(event).toMatchObject({ type: 'chatroom.created', chatroom: { name: 'Mine' } });
  await expect(openEventStream(feed(running, ticket), {})).rejects.toThrow(refused);
});

it(`admits one of ${rivals} concurrent requests`, async ({ running }) => {
  const ticket = await ticketOf(await signIn(running.url));
  const tries = await Promise.allSettled(
    Array.from({ length: rivals }, () => openEventStream(feed(running, ticket), {})),
  );
  const streams = tries.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  for (const stream of streams) await stream[Symbol.asyncDispose]();
  expect(streams).toHaveLength(1);
});

it('is valid for sixty seconds, and is stored as a hash', async ({ running }) => {
  const ticket = await ticketOf(await signIn(running.url));
  const sql = sqlOf(running);
  const [row] = await sql<{ hash: string; seconds: number }>(
    `select hash, extract(epoch from expires_at - now())::float8 as seconds from event_tickets order by expires_at desc limit 1`,
  );
  expect(row!.hash).not.toBe(ticket);
  expect(row!.seconds).toBeGreaterThan(50);
  expect(row!.seconds).toBeLessThanOrEqual(60);
  await sql(`update event_tickets set expires_at = now() where hash = $1`, [row!.hash]);
  await expect(openEventStream(feed(running, ticket), {})).rejects.toThrow(refused);
});

it('ends with its session, before and after it was used', async ({ running, user }) => {
  const [used, unused] = [await ticketOf(user), await ticketOf(user)];
  await using stream = await openEventStream(feed(running, used), {});
  await user.call('POST', '/auth/logout');
  await stream.ended;
  await expect(openEventStream(feed(running, unused), {})).rejects.toThrow(refused);
});

it('is refused when it is forged, with any token', async ({ running, user }) => {
  const bearer = { authorization: `Bearer ${user.tokens.access_token}` };
  for (const ticket of ['', 'x', user.tokens.access_token.slice(0, 100), 'A'.repeat(32)]) {
    await expect(openEventStream(feed(running, ticket), bearer)).rejects.toThrow(refused);
  }
});

it('is issued to signed-in callers only', async ({ running }) => {
  expect((await fetch(`${running.url}/events/ticket`, { method: 'POST' })).status).toBe(401);
});
