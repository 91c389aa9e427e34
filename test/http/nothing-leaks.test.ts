/** Unexpected errors: the answer is a 500 without any part of the error. */
import { expect } from 'vitest';
import type { Cache } from '../../server/ports/cache.ts';
import { expectProblem } from '../contract/problem.ts';
import { productTest } from '../fixtures.ts';

const secret = 'select * from users where mobile_number = +15550001111';
let fault: Error & { statusCode?: number };

const brokenCache: Cache = {
  remember: () => Promise.reject(fault),
  forget: async () => {},
  check: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

const it = productTest({ overrides: { cache: brokenCache } });

it.for<[string, Error]>([
  ['an error', new Error(secret)],
  ['an error with a cause', new Error('outer', { cause: new Error(secret) })],
  ['an error of a class of its own', new TypeError(secret)],
  ['an error that names a status of its own', Object.assign(new Error(secret), { statusCode: 503 })],
])('%s becomes a 500 without its message or stack', async ([_what, error], { user }) => {
  fault = error;
  const answer = await user.call('GET', '/chatroom');
  expect(expectProblem(answer, 500)).toBe('internal_error');
  const wire = JSON.stringify([answer.body, [...answer.headers]]);
  for (const part of [secret, 'select', '15550001111', 'outer', '.ts:', 'node_modules']) {
    expect(wire).not.toContain(part);
  }
});
