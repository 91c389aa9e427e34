/** Batches: combined calls, waiting calls, and failed batches. */
import { expect, it } from 'vitest';
import { inBatches } from './batches.ts';

/** Records its batches and answers on request. */
function controlled() {
  const batches: { inputs: readonly number[]; answer: PromiseWithResolvers<readonly string[]> }[] = [];
  const call = inBatches((inputs: readonly number[]) => {
    const answer = Promise.withResolvers<readonly string[]>();
    batches.push({ inputs, answer });
    return answer.promise;
  }, 3);
  const succeed = (at: number) => batches[at]!.answer.resolve(batches[at]!.inputs.map(String));
  return { call, batches, succeed };
}

const turn = () => new Promise(setImmediate);

it('combines the calls of one turn, and those made during a batch, up to the maximum', async () => {
  const { call, batches, succeed } = controlled();
  const first = [call(1), call(2)];
  await turn();
  const later = [3, 4, 5, 6].map((input) => call(input));
  await turn();
  expect(batches.map(({ inputs }) => inputs)).toEqual([[1, 2]]);
  succeed(0);
  expect(await Promise.all(first)).toEqual(['1', '2']);
  await turn();
  succeed(1);
  await turn();
  succeed(2);
  expect(await Promise.all(later)).toEqual(['3', '4', '5', '6']);
  expect(batches.map(({ inputs }) => inputs)).toEqual([[1, 2], [3, 4, 5], [6]]);
});

it('rejects every call of a failed batch and continues with the next', async () => {
  const { call, batches, succeed } = controlled();
  const failing = [call(1), call(2)];
  await turn();
  const fine = call(3);
  const outcome = Promise.allSettled(failing);
  batches[0]!.answer.reject(new Error('gone'));
  expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await turn();
  succeed(1);
  expect(await fine).toBe('3');
});
