/** The text of a file that is text. */
import { Passages, textBytesAtMost } from './passages.ts';
import type { TextFound } from './result.ts';

/** More than is kept, since white space is left out. */
const decodedBytesAtMost = 2 * textBytesAtMost;

/** A byte order mark is left out. */
export function readText(bytes: Uint8Array): TextFound {
  const passages = new Passages();
  passages.add(null, new TextDecoder().decode(bytes.subarray(0, decodedBytesAtMost)));
  const found = passages.found(null);
  return { ...found, cut: found.cut || bytes.length > decodedBytesAtMost };
}
