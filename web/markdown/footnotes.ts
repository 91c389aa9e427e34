/** Footnotes: `[^name]` in the text, `[^name]: …` below it, numbered in the order in which they are first referred to. */
import type { Token, TokenizerAndRendererExtension } from 'marked';

interface DefinitionToken {
  readonly type: 'footnote';
  readonly raw: string;
  readonly name: string;
  readonly tokens: Token[];
}

export interface ReferenceToken {
  readonly type: 'footnote-reference';
  readonly raw: string;
  readonly name: string;
}

export interface Footnote {
  readonly name: string;
  readonly number: number;
  readonly tokens: Token[];
}

export const footnoteExtensions: readonly TokenizerAndRendererExtension[] = [
  {
    name: 'footnote',
    level: 'block',
    start: (source) => /^\[\^[^\]\s]+\]:/m.exec(source)?.index,
    tokenizer(source) {
      const match = /^\[\^([^\]\s]+)\]: *([^\n]*(?:\n(?!\[\^)[^\n]+)*)(?:\n+|$)/.exec(source);
      if (!match) return undefined;
      const [raw, name = '', words = ''] = match;
      return { type: 'footnote', raw, name, tokens: this.lexer.inlineTokens(words.replaceAll(/\n\s*/g, ' ')) };
    },
    childTokens: ['tokens'],
  },
  {
    name: 'footnote-reference',
    level: 'inline',
    start: (source) => /\[\^/.exec(source)?.index,
    tokenizer(source) {
      const match = /^\[\^([^\]\s]+)\]/.exec(source);
      return match ? { type: 'footnote-reference', raw: match[0], name: match[1] } : undefined;
    },
  },
];

/** Footnotes that are both defined and referenced, in order; others are shown as source. */
export function footnotesIn(blocks: readonly { readonly token: Token }[]): readonly Footnote[] {
  const tokens = blocks.map(({ token }) => token);
  const definitions = new Map<string, DefinitionToken>();
  for (const token of tokens as readonly { type: string }[]) {
    if (token.type !== 'footnote') continue;
    const definition = token as unknown as DefinitionToken;
    if (!definitions.has(definition.name)) definitions.set(definition.name, definition);
  }
  if (definitions.size === 0) return [];
  const names = new Set(referencesIn(tokens).filter((name) => definitions.has(name)));
  return [...names].map((name, index) => ({ name, number: index + 1, tokens: definitions.get(name)!.tokens }));
}

/** Names referenced outside of footnotes, in reading order. */
function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  const token = value as Record<string, unknown>;
  if (token.type === 'footnote') return [];
  if (token.type === 'footnote-reference') return [token.name as string];
  return ['tokens', 'items', 'header', 'rows'].flatMap((member) => referencesIn(token[member]));
}
