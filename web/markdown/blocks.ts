/** Splits streamed Markdown into finished blocks and the rest, so that only the rest is lexed again. */
import type { Token } from 'marked';
import { lex } from './formulas.ts';

export interface Block {
  /** Start of the block, stable while the text grows. */
  readonly start: number;
  readonly token: Token;
}

export interface BlockReader {
  /** The blocks of `source`; blocks that were already finished are the same objects. */
  read(source: string): readonly Block[];
}

/** A block is finished once it ends in a blank line and this many follow. */
const followers = 2;
/** Definitions can change earlier text, so such a text is one block. */
const needsWhole = /^\[[^\]]+\]: /m;

/** Parses one growing text. A text that does not continue the previous one is parsed from its beginning. */
export function blockReader(): BlockReader {
  let frozen: Block[] = [];
  let frozenLength = 0;
  let last = '';

  return {
    read(source) {
      const isWhole = needsWhole.test(source);
      if (isWhole || !source.startsWith(last)) {
        frozen = [];
        frozenLength = 0;
      }
      last = source;
      const tail = blocksOf(source.slice(frozenLength), frozenLength);
      const all = [...frozen, ...tail];
      const finished = isWhole ? 0 : finishedIn(tail);
      if (finished > 0) {
        frozen = all.slice(0, frozen.length + finished);
        const { start, token } = frozen.at(-1)!;
        frozenLength = start + token.raw.length;
      }
      return all;
    },
  };
}

/** Number of leading blocks that can no longer change. */
function finishedIn(blocks: readonly Block[]): number {
  let after = 0;
  for (let index = blocks.length - 1; index >= 0; index -= 1) {
    const { type, raw } = blocks[index]!.token;
    if (after >= followers && (type === 'space' || raw.endsWith('\n\n'))) return index + 1;
    if (type !== 'space') after += 1;
  }
  return 0;
}

function blocksOf(source: string, offset: number): Block[] {
  let start = offset;
  return lex(source).map((token) => {
    const block = { start, token };
    start += token.raw.length;
    return block;
  });
}
