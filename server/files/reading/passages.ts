/** Cuts text into passages of about equal length, for the search of the best ones. */
import { vectorOf } from '../../languages/terms.ts';
import type { NewPassage } from '../text-store.ts';
import type { TextFound } from './result.ts';

/** Characters: about 500 tokens. */
export const passageLength = 2000;

/** Bytes of text that are kept of a file. */
export const textBytesAtMost = 2 * 1024 * 1024;

/** Collects the text of a file, page by page. */
export class Passages {
  readonly #found: NewPassage[] = [];
  #bytes = 0;
  #cut = false;

  /** False once there is more text than is kept. */
  add(page: number | null, raw: string): boolean {
    for (const text of pieces(storable(raw))) {
      const bytes = Buffer.byteLength(text);
      if (this.#cut || this.#bytes + bytes > textBytesAtMost) {
        this.#cut = true;
        return false;
      }
      this.#bytes += bytes;
      this.#found.push({ page, text, terms: vectorOf(text) });
    }
    return true;
  }

  found(pages: number | null): TextFound {
    return { kind: 'text', pages, passages: this.#found, cut: this.#cut };
  }
}

/** Without what PostgreSQL cannot store, and without needless white space. */
function storable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\0', '')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\S\n]+$/gm, '')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

/** Where a passage may end, the best first. */
const ends = ['\n\n', '\n', '. ', '。', ' '];

function* pieces(text: string): Generator<string> {
  let start = 0;
  while (text.length - start > passageLength) {
    const end = endOf(text, start);
    const piece = text.slice(start, end).trim();
    if (piece !== '') yield piece;
    start = end;
  }
  const last = text.slice(start).trim();
  if (last !== '') yield last;
}

/** In the second half of the longest passage, so that none is short. */
function endOf(text: string, start: number): number {
  const latest = start + passageLength;
  for (const end of ends) {
    const at = text.lastIndexOf(end, latest - end.length);
    if (at >= start + passageLength / 2) return at + end.length;
  }
  // Not inside a surrogate pair.
  const isHigh = (text.charCodeAt(latest - 1) & 0xfc00) === 0xd800;
  return isHigh ? latest - 1 : latest;
}
