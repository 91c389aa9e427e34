/** Text messages for development, printed to the terminal. */
import type { Sms } from '../../ports/sms.ts';

/**
 * Bypasses the logger, because logs must never hold a code. The number is masked because terminal output is often shared.
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

/** Shows both ends of a number and hides at least three characters between them. */
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
