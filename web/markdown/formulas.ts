/** Adds formulas to the lexer: `$…$`, `$$…$$`, `\\(…\\)` and `\\[…\\]`. Prices such as $5 are not formulas. */
import { Marked, type TokensList, type TokenizerAndRendererExtension } from 'marked';
import { footnoteExtensions } from './footnotes.ts';

export interface FormulaToken {
  readonly type: 'formula' | 'formula-block';
  readonly raw: string;
  readonly tex: string;
}

const block: TokenizerAndRendererExtension = {
  name: 'formula-block',
  level: 'block',
  start: (source) => /^(?:\$\$|\\\[)/m.exec(source)?.index,
  tokenizer(source) {
    const match = /^\$\$([^$]+?)\$\$ *(?:\n+|$)|^\\\[([\s\S]+?)\\\] *(?:\n+|$)/.exec(source);
    if (match) return { type: 'formula-block', raw: match[0], tex: (match[1] ?? match[2] ?? '').trim() };
    return undefined;
  },
};

/** No space after an opening or before a closing sign, and no digit after a closing one. */
const dollars = /^\$(?![\s$])((?:\\.|[^\\\n$])+?)(?<!\s)\$(?![\d$])/;
const parentheses = /^\\\(([\s\S]+?)\\\)/;
const displayed = /^\$\$([^$\n]+?)\$\$/;

const inline: TokenizerAndRendererExtension = {
  name: 'formula',
  level: 'inline',
  start: (source) => /\$|\\\(/.exec(source)?.index,
  tokenizer(source) {
    const match = displayed.exec(source) ?? dollars.exec(source) ?? parentheses.exec(source);
    if (match) return { type: 'formula', raw: match[0], tex: (match[1] ?? '').trim() };
    return undefined;
  },
};

const marked = new Marked({ gfm: true, extensions: [block, inline, ...footnoteExtensions] });

/** The block tokens of a text. */
export function lex(source: string): TokensList {
  return marked.lexer(source);
}
