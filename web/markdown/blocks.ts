/** Splits Markdown that still grows into blocks that are finished and the rest, so that only the rest is lexed again. */
import type { Token } from 'marked';
import { lex } from './formulas.ts';

export interface Block {
  /** Stable while the text grows: where the block begins. */
  readonly start: number;
  readonly token: Token;
}

export interface BlockReader {
  /** The blocks of `source`; those that were finished before are the same objects as last time. */
  read(source: string): readonly Block[];
}

/** A block is finished once it ends in a blank line and this many follow. */
const followers = 2;
/** Definitions below can change the text above: then all of it is one piece. */
const needsWhole = /^\[[^\]]+\]: /m;

/** Reads one growing text. A text that is no continuation of the last is read from its beginning. */
export function blockReader(): BlockReader {
  let frozen: Block[] = [];
  let frozenLength = 0;
  let last = '';

  return {
    read(source) {
      if (!source.startsWith(last) || needsWhole.test(source)) {
        frozen = [];
        frozenLength = 0;
      }
      last = source;
      const tail = blocksOf(source.slice(frozenLength), frozenLength);
      const all = [...frozen, ...tail];
      const finished = needsWhole.test(source) ? 0 : Math.max(0, tail.length - followers);
      for (const block of tail.slice(0, finished)) {
        if (!block.token.raw.endsWith('\n\n') && block.token.type !== 'space') break;
        frozen.push(block);
        frozenLength = block.start + block.token.raw.length;
      }
      return all;
    },
  };
}

function blocksOf(source: string, offset: number): Block[] {
  let start = offset;
  return lex(source).map((token) => {
    const block = { start, token };
    start += token.raw.length;
    return block;
  });
}
