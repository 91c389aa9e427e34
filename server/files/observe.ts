/** Sees the bytes of an upload on their way: checks that text is text to its end, and makes the fingerprint of the request. */
import { createHash } from 'node:crypto';
import type { RequestKey } from '../http/serve.ts';
import { ProblemError } from '../problems/problem.ts';

export interface Observer {
  /** Throws `unsupported_media_type`. */
  readonly observe: (chunk: Buffer) => void;
  /** After the last chunk. Throws `unsupported_media_type` if the last character is cut. */
  readonly end: () => void;
  /** After the last chunk; null without a key. */
  readonly requestKey: () => RequestKey | null;
}

/** `parts`: what the fingerprint is made of beside the bytes. */
export function observer(key: string | null, parts: readonly string[], isText: boolean): Observer {
  const hash = key === null ? null : createHash('sha256').update(JSON.stringify(parts));
  const check = isText ? utf8Check() : null;
  return {
    observe(chunk) {
      check?.(chunk);
      hash?.update(chunk);
    },
    end: () => check?.(null),
    requestKey() {
      if (key === null || hash === null) return null;
      const fingerprint = hash.digest('base64url');
      return { key, fingerprint: () => fingerprint };
    },
  };
}

/** The returned function takes each chunk, and null at the end. */
function utf8Check(): (chunk: Buffer | null) => void {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return (chunk) => {
    try {
      decoder.decode(chunk ?? undefined, { stream: chunk !== null });
    } catch {
      throw notText();
    }
    if (chunk?.includes(0)) throw notText();
  };
}

function notText(): ProblemError {
  return new ProblemError('unsupported_media_type', { reason: 'upload' });
}
