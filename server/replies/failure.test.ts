/** The text of a failed reply. */
import { expect, it } from 'vitest';
import { failureCodes } from '../../contract/messages.ts';
import { failureOf } from './failure.ts';

it.each(failureCodes.map((code) => [code]))('%s has its own sentence, which says whether it was counted', (code) => {
  const { refunded, charged } = failureOf(code);
  expect(refunded).toContain('This message was not counted.');
  expect(charged).toContain('This message was counted, because too many have failed today.');
  for (const sentence of [refunded, charged]) {
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(sentence).not.toMatch(/error|exception|http|\d/i);
  }
  expect(failureCodes.filter((other) => failureOf(other).refunded === refunded)).toEqual([code]);
});
