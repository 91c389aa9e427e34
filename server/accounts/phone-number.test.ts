/** Parsing of phone numbers. */
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../problems/problem.ts';
import { normaliseNumber, numberRange } from './phone-number.ts';

describe('a phone number', () => {
  it.each([
    ['+14155550123', '+14155550123'],
    [' +1 (415) 555-0123 ', '+14155550123'],
    ['+1.415.555.0123', '+14155550123'],
    ['+49 (0)30 1234567', '+49301234567'],
    ['+91 98765 43210', '+919876543210'],
    ['\u202a+14155550123\u202c', '+14155550123'],
    ['＋１ ４１５ ５５５ ０１２３', '+14155550123'],
    ['+1–415–555–0123', '+14155550123'],
  ])('%s becomes %s', (text, expected) => {
    expect(normaliseNumber(text, true)).toBe(expected);
    expect(normaliseNumber(text, false)).toBe(expected);
  });

  it.each([['+1234567890'], ['+10000000000'], ['+999123456789'], ['+1234567'], ['+123456789012345']])(
    '%s, a fictitious number, is accepted while no SMS are sent',
    (number) => {
      expect(normaliseNumber(number, false)).toBe(number);
    },
  );

  it.each([['+1234567'], ['+999123456789'], ['+123456789012345']])('%s is refused if SMS are sent', (number) => {
    expect(() => normaliseNumber(number, true)).toThrow(ProblemError);
  });

  it.each([
    [''],
    ['+'],
    ['4155550123'],
    ['0041 44 668 18 00'],
    ['+0123456789'],
    ['+123456'],
    ['+1234567890123456'],
    ['+1415555O123'],
    ['tel:+14155550123 and more'],
    ['+14155550123; drop table users'],
    ['+1415555\u00000123'],
  ])('%j is refused, with the field named', (text) => {
    for (const strict of [true, false]) {
      expect(() => normaliseNumber(text, strict)).toThrow(
        expect.objectContaining({
          code: 'validation_failed',
          options: expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/mobile_number' })] }),
        }),
      );
    }
  });

  it('belongs to the range it was assigned with', () => {
    expect(numberRange('+14155550123')).toBe(numberRange('+14155550999'));
    expect(numberRange('+14155550123')).not.toBe(numberRange('+14155551123'));
  });
});
