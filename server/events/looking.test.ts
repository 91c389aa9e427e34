/** A connection that does not answer is not looked at, until it answers again. */
import { expect, it } from 'vitest';
import { memoryPresence } from '../adapters/presence/memory.ts';
import { lookingAt } from './looking.ts';

it('ends when nothing is heard for 40 s, and begins again with the next answer of a visible page', async () => {
  const presence = memoryPresence();
  const looking = lookingAt(presence, 1, 0);
  const isLooking = () => presence.isLooking(1);
  looking.check(39_000);
  expect(await isLooking()).toBe(true);
  looking.check(41_000);
  expect(await isLooking()).toBe(false);
  looking.heard(45_000);
  looking.check(60_000);
  expect(await isLooking()).toBe(true);
  looking.see(false);
  looking.heard(61_000);
  expect(await isLooking()).toBe(false);
  looking.see(true);
  expect(await isLooking()).toBe(true);
  looking.end();
  looking.heard(62_000);
  looking.see(true);
  expect(await isLooking()).toBe(false);
});
