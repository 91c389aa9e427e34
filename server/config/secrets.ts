/** Signing secrets, newest first. Weak ones are refused in production. */
import type { Reader } from './reader.ts';

const minLength = 32;
/** 32 random hexadecimal digits contain fewer distinct ones than this once in 25 million. */
const minDifferent = 8;
/** More than this share of the characters equal their neighbour or follow it: runs such as `aaaa`, `12345678` or `abcdef`. */
const maxStepsShare = 0.6;

/** Words found in placeholders, and in secrets published in documentation and tests. */
const placeholder =
  /change|replace|your[-_ ]|default|secret|passw|placeholder|example|insert|dummy|sample|pollux|hunter2|qwerty|for-?tests|openssl|\.{3}|…|^\$?[<{]/i;

/** Null in development when no secret is set. */
export function parseSecrets(read: Reader, production: boolean): readonly string[] | null {
  const secrets = read.list('SECRET_KEY');
  if (secrets.length === 0) {
    if (production) read.complain('SECRET_KEY must be set in production: make one with `openssl rand -hex 32`.');
    return null;
  }
  const weak = secrets.map(weakness).find((reason) => reason !== null);
  if (production && weak) {
    const which = secrets.length > 1 ? 'each of its secrets ' : '';
    read.complain(
      `SECRET_KEY must be random in production, ${which}${minLength} characters or more; it ${weak}. Make one with \`openssl rand -hex 32\`.`,
    );
  }
  return [...new Set(secrets)];
}

/** Why a secret is weak; null if it is not. */
export function weakness(secret: string): string | null {
  if (secret.length < minLength) return `has a secret of ${secret.length} characters`;
  if (placeholder.test(secret)) return 'has a placeholder in it';
  if (new Set(secret).size < minDifferent) return `has a secret of fewer than ${minDifferent} different characters`;
  // A text with a period occurs in its own doubling before the end of the first copy.
  if (`${secret}${secret}`.indexOf(secret, 1) < secret.length) return 'repeats itself';
  const codes = [...secret].map((character) => character.charCodeAt(0));
  const steps = codes.filter((code, index) => index > 0 && Math.abs(code - codes[index - 1]!) <= 1).length;
  return steps / secret.length > maxStepsShare ? 'counts through the alphabet' : null;
}
