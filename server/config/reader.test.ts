/** Reading of single values from the environment. */
import { describe, expect, it } from 'vitest';
import { StartRefused } from './start-refused.ts';
import { readEnvironment } from './reader.ts';

describe('reading the environment', () => {
  it('returns the trimmed value, else the default, else nothing', () => {
    const read = readEnvironment({ HOST: ' ::1\n', GEMINI_MODEL: '  ' });
    expect([read.text('HOST'), read.text('GEMINI_MODEL'), read.text('SECRET_KEY')]).toEqual([
      '::1',
      'gemini-3.5-flash-lite',
      null,
    ]);
    expect(read.string('SECRET_KEY')).toBe('');
  });

  const flags = { true: ['true', '1', 'yes', 'ON', 'True'], false: ['false', '0', 'No', 'off'], null: ['', '  '] };
  const written = Object.entries(flags).flatMap(([value, texts]) => texts.map((text) => ({ text, value })));

  it.each(written)('reads the flag "$text" as $value', ({ text, value }) => {
    const expected: unknown = JSON.parse(value);
    const read = readEnvironment({ OTP_ECHO: text });
    expect(read.flag('OTP_ECHO')).toBe(expected);
    expect(read.finish).not.toThrow();
  });

  it('reads lists with any blanks and commas', () => {
    expect(readEnvironment({ CORS_ORIGINS: ' a ,,b, ' }).list('CORS_ORIGINS')).toEqual(['a', 'b']);
    expect(readEnvironment({}).list('CORS_ORIGINS')).toEqual([]);
  });

  it('reads URLs without trailing slashes', () => {
    const read = readEnvironment({ FRONTEND_URL: 'https://chat.example//' });
    expect(read.webAddress('FRONTEND_URL')).toBe('https://chat.example');
    expect(read.webAddress('GEMINI_BASE_URL')).toBeNull();
  });

  it('combines all messages into one refusal', () => {
    const read = readEnvironment({ PORT: 'x', LOG_LEVEL: 'y' });
    read.integer('PORT', 0, 9);
    read.oneOf('LOG_LEVEL', ['info', 'warn']);
    read.complain('And more.');
    expect(read.finish).toThrow(
      new StartRefused(
        'PORT must be a whole number from 0 to 9; it is "x".\nLOG_LEVEL must be one of info, warn; it is "y".\nAnd more.',
      ),
    );
  });
});
