/** What a person reads when a reply failed. */
import { expect, it } from 'vitest';
import { failureCodes } from '../../contract/messages.ts';
import { friendlyFailure } from './failure.ts';

it.each(failureCodes.map((code) => [code]))('%s is said in its own calm words, and that it was not counted', (code) => {
  const sentence = friendlyFailure(code);
  expect(sentence).toMatch(/^[A-Z].*\.$/);
  expect(sentence).toContain('This message was not counted.');
  expect(sentence).not.toMatch(/error|exception|http|\d/i);
  expect(failureCodes.filter((other) => friendlyFailure(other) === sentence)).toEqual([code]);
});
