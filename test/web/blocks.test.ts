/** Markdown parsed while it grows equals Markdown parsed at once, and only its end is parsed again. */
import { describe, expect, it } from 'vitest';
import { markdown } from '../../bench/web/answer.ts';
import { blockReader, type Block } from '../../web/markdown/blocks.ts';
import { hostileAnswers } from '../browser/hostile-answers.ts';

const tricky = [
  '- a\n\n- b\n\n- c\n\nText\n\nMore\n\nEnd\n',
  '1. a\n\n   b\n\n2. c\n\n   ```js\n   x\n   ```\n\nText\n\nMore\n\nEnd\n',
  'Title\n=====\n\nText\n\n```js\na\n\n\nb\n```\n\nText\n\n> q\n\n> r\n\nlast\n\nend',
  '```\nnever closed\n\n\na\n\nb\n\nc\n\nd\n\ne\n',
  'Text[^1]\n\nmore\n\nmore\n\nmore\n\n[^1]: a note\n\nend\n',
  'See [this]\n\nmore\n\nmore\n\nmore\n\n[this]: https://example.com\n\nend\n',
  '| a |\n|---|\n| b |\n\ntext\n\n$$\nx\n\ny\n$$\n\n\\[\nz\n\\]\n\ntext\n\nend',
  '<div>\n\n*a*\n\n</div>\n\ntext\n\nmore\n\nend',
  '\n\n\n    code\n\n    more code\n\ntext\n\nmore\n\nend\n\n\n',
];

function grown(text: string, step: number): readonly Block[] {
  const reader = blockReader();
  for (let length = step; length < text.length; length += step) reader.read(text.slice(0, length));
  return reader.read(text);
}

const drawn = (blocks: readonly Block[]) => blocks.filter(({ token }) => token.type !== 'space');

describe('blocks of growing Markdown', () => {
  it.each([1, 7, 40])('equal those of the whole text when it grows by %i characters', (step) => {
    for (const text of [...tricky, ...hostileAnswers.map((one) => `a\n\nb\n\n${one}\n\nc\n\nd\n\ne`), markdown(6000)]) {
      expect(drawn(grown(text, step))).toEqual(drawn(blockReader().read(text)));
    }
  });

  it('stay the same objects once they are finished', () => {
    const reader = blockReader();
    const text = markdown(20_000);
    let before: readonly Block[] = [];
    let most = 0;
    for (let length = 40; length <= text.length; length += 40) {
      const blocks = reader.read(text.slice(0, length));
      most = Math.max(most, blocks.filter((block, index) => block !== before[index]).length);
      before = blocks;
    }
    expect(most).toBeLessThan(12);
  });
});
