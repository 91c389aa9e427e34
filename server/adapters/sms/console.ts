/** Text messages for development: printed to the terminal, where the developer reads the code. */
import type { Sms } from '../../ports/sms.ts';

/**
 * Prints each message past the logger, because logs must never hold a code. The number is masked all the same: a
 * terminal's scrollback is shared more easily than one thinks.
 */
export function consoleSms(write: (text: string) => void = (text) => void process.stdout.write(text)): Sms {
  return {
    label: 'console',
    async send(to, text, signal) {
      signal.throwIfAborted();
      write(`\n┌─ SMS to ${maskNumber(to)} (development: nothing was sent)\n${indent(text)}\n└─\n\n`);
    },
  };
}

/** Keeps the two ends of a number, hides at least three characters between them. */
function maskNumber(number: string): string {
  const headLength = Math.max(0, Math.min(5, number.length - 7));
  return `${number.slice(0, headLength)}•••${number.slice(Math.max(headLength + 3, number.length - 4))}`;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `│ ${line}`)
    .join('\n');
}
