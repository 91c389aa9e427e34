/** Failures that all vendors of models share. */
import { ModelError } from '../../ports/model.ts';

/** A transient failure. */
export function unavailable(message: string): ModelError {
  return new ModelError('model_unavailable', { transient: true, message });
}

/** Words of a vendor that are safe to log: codes, never sentences, which may quote the user's text or the key. */
export function safeWord(value: unknown, pattern: RegExp): string | null {
  return typeof value === 'string' && pattern.test(value) ? value : null;
}

/** RFC 9110, section 10.2.3: seconds or a date, in milliseconds. */
export function readRetryAfter(value: string | null): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - Date.now());
}
