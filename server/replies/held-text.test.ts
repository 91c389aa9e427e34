/** The number of conversations that a worker holds in memory. */
import { expect, it } from 'vitest';
import { heldText } from './held-text.ts';

it('has room for as many of the largest conversations as fit, and for more once they turn out small', () => {
  const held = heldText(() => 100, 350);
  expect(held.room).toBe(3);
  const holds = [held.hold(), held.hold(), held.hold()];
  expect(held.room).toBe(0);
  holds[0]!.resize(10);
  expect(held.room).toBe(1);
  for (const hold of holds) hold.resize(0);
  expect(held.room).toBe(3);
});

it('takes one conversation larger than the limit if none is held', () => {
  const held = heldText(() => 1000, 350);
  expect(held.room).toBe(1);
  const hold = held.hold();
  expect(held.room).toBe(0);
  hold.resize(0);
  expect(held.room).toBe(1);
});
