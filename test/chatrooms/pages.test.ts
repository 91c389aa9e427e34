/** Pages of rooms and messages: another user's id as a cursor reveals no more than an unknown one. */
import { expect } from 'vitest';
import { signIn } from '../client.ts';
import { productTest } from '../fixtures.ts';

const it = productTest();

it("another user's room as a cursor returns the same as a missing one, and does not reveal its activity", async ({
  url,
  user: stranger,
}) => {
  const owner = await signIn(url);
  // The owner's room was active between two of the other user's.
  await stranger.room('Older');
  const foreign = await owner.room('Private');
  await stranger.room('Newer');
  for (const cursor of ['before', 'after']) {
    const theirs = await stranger.call('GET', `/chatroom?${cursor}=${foreign}`);
    const nobodys = await stranger.call('GET', `/chatroom?${cursor}=9007199254740991`);
    expect([theirs.status, theirs.body]).toEqual([nobodys.status, nobodys.body]);
    expect(theirs.headers.get('link')).toBe(nobodys.headers.get('link'));
  }
});

it('links lead through every room once, in both directions', async ({ user }) => {
  const made: number[] = [];
  for (let n = 0; n < 5; n++) made.unshift(await user.room(`Room ${n}`));
  const ids = async (query: string) =>
    (await user.call('GET', `/chatroom?${query}`)).body.map(({ id }: { id: number }) => id);
  expect(await ids('limit=2')).toEqual(made.slice(0, 2));
  expect(await ids(`limit=2&before=${made[1]}`)).toEqual(made.slice(2, 4));
  expect(await ids(`limit=2&before=${made[3]}`)).toEqual(made.slice(4));
  expect(await ids(`limit=2&after=${made[4]}`)).toEqual(made.slice(2, 4));
  expect(await ids(`limit=2&after=${made[1]}`)).toEqual(made.slice(0, 1));
});
