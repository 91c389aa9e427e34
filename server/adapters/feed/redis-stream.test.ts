/** Stream ids are compared as numbers. */
import { expect, it } from 'vitest';
import { isLater } from './redis-stream.ts';

const ascending = [
  '0-0',
  '0-1',
  '9-0',
  '10-0',
  '10-9',
  '10-10',
  '1795413600000-0',
  '1795413600000-12',
  '1795413600001-2',
];

it('orders stream ids as numbers', () => {
  for (const [at, id] of ascending.entries()) {
    for (const [otherAt, other] of ascending.entries())
      expect(isLater(id, other), `${id}, ${other}`).toBe(at > otherAt);
  }
});
