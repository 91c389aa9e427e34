/** Wrong guesses from one network count over all codes of a number for an hour, or until a right one. */
import { expect } from 'vitest';
import { freshNumber } from '../client.ts';
import { productTest } from '../fixtures.ts';
import type { RunningProduct } from '../harness.ts';
import { sqlOf } from '../sql.ts';
import { guess, sendCode, signUp, wrongCode } from './guessing.ts';

const wrongAtMost = 10;

const it = productTest();

/** Makes wrong guesses, at most four for each code, so that no code is used up. */
async function guessWrong(running: RunningProduct, number: string, times: number): Promise<void> {
  for (let left = times; left > 0; left -= 4) {
    const { otp } = (await sendCode(running.url, number)).body;
    for (let n = 1; n <= Math.min(4, left); n++) {
      expect((await guess(running.url, number, wrongCode(otp, n))).body.code).toBe('invalid_code');
    }
  }
}

const isLocked = async (running: RunningProduct, number: string) =>
  (await sendCode(running.url, number)).body.code === 'too_many_guesses';

/** Moves the first wrong guess into the past. */
const pass = (running: RunningProduct, time: string) =>
  sqlOf(running)(`update otp_wrong_guesses set wrong_since = wrong_since - $1::interval`, [time]);

async function signedUp(running: RunningProduct): Promise<string> {
  const number = freshNumber();
  await signUp(running.url, number);
  return number;
}

it('lock the number at the tenth, over any number of codes', async ({ running }) => {
  const number = await signedUp(running);
  await guessWrong(running, number, wrongAtMost - 1);
  expect(await isLocked(running, number)).toBe(false);
  await guessWrong(running, number, 1);
  expect(await isLocked(running, number)).toBe(true);
});

it('count for an hour from the first; a new hour starts at zero', async ({ running }) => {
  const number = await signedUp(running);
  await guessWrong(running, number, wrongAtMost - 1);
  await pass(running, '59 minutes');
  await guessWrong(running, number, 1);
  expect(await isLocked(running, number)).toBe(true);
  await pass(running, '1 minute');
  expect(await isLocked(running, number)).toBe(false);
  // Guesses of the previous hour do not count in this one.
  await guessWrong(running, number, wrongAtMost - 1);
  expect(await isLocked(running, number)).toBe(false);
});

it('are reset by a right one', async ({ running }) => {
  const number = await signedUp(running);
  await guessWrong(running, number, wrongAtMost - 1);
  const { otp } = (await sendCode(running.url, number)).body;
  expect((await guess(running.url, number, otp)).status).toBe(200);
  await guessWrong(running, number, wrongAtMost - 1);
  expect(await isLocked(running, number)).toBe(false);
});
