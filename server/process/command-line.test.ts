/** The arguments of the command line. */
import { describe, expect, it } from 'vitest';
import { help, parseCommandLine } from './command-line.ts';
import { settings } from '../config/settings.ts';
import { StartRefused } from '../config/start-refused.ts';

describe('the command line', () => {
  it('names a role, all by default', () => {
    expect(parseCommandLine([])).toBe('all');
    for (const role of ['all', 'api', 'worker']) expect(parseCommandLine([role])).toBe(role);
  });

  it.each([['--help'], ['-h'], ['worker --help']])('%s prints the help', (line) => {
    expect(parseCommandLine(line.split(' '))).toBeNull();
  });

  it.each([['wrker'], ['api worker'], ['--port 80'], ['-p']])('%s is refused with a reference to the help', (line) => {
    expect(() => parseCommandLine(line.split(' '))).toThrow(StartRefused);
    expect(() => parseCommandLine(line.split(' '))).toThrow('See --help.');
  });

  it('help explains every setting with its default', () => {
    const text = help();
    for (const [name, { fallback }] of Object.entries(settings)) {
      const line = text.split('\n').find((candidate) => candidate.startsWith(`  ${name} `));
      expect(line, name).toBeDefined();
      if (fallback !== '') expect(line).toMatch(new RegExp(`\\[${fallback.replaceAll('.', '\\.')}\\]$`));
    }
  });
});
