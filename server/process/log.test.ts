/** Errors in the log. */
import { describe, expect, it } from 'vitest';
import { describeError } from './log.ts';

describe('an error in the logs', () => {
  it('keeps its name, message, code, stack and cause', () => {
    const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
    const described = describeError(new TypeError('cannot send', { cause }));
    expect(described).toMatchObject({
      type: 'TypeError',
      message: 'cannot send',
      cause: { type: 'Error', message: 'connect refused', code: 'ECONNREFUSED' },
    });
    expect((described as { stack: string }).stack).toContain('log.test.ts');
  });

  it("of the database loses details that may contain a phone number, a hash or a user's text", () => {
    const driver = Object.assign(new Error('duplicate key (mobile_number)=(+14155550123)'), {
      severity: 'ERROR',
      code: '23505',
      constraint: 'users_mobile_number_unique',
      detail: 'Key (mobile_number)=(+14155550123) already exists.',
    });
    const wrapped = Object.assign(new Error('Failed query: insert\nparams: +14155550123', { cause: driver }), {
      params: ['+14155550123'],
    });
    const text = JSON.stringify(describeError(wrapped));
    expect(text).not.toContain('4155550123');
    expect(JSON.parse(text)).toMatchObject({
      message: 'database error',
      cause: { message: 'database error', code: '23505', constraint: 'users_mobile_number_unique' },
    });
  });

  it('that is not an Error is not logged, because it may contain anything', () => {
    expect(describeError('+14155550123')).toEqual({ type: 'string' });
  });
});
