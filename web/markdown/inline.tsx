/** Inline Markdown as elements; never as an HTML string. */
import type { Token, Tokens } from 'marked';
import type { ReactNode } from 'react';
import { FootnoteReference } from './footnote-reference.tsx';
import type { ReferenceToken } from './footnotes.ts';
import { Formula } from './formula.tsx';
import type { FormulaToken } from './formulas.ts';
import { safeLink } from './links.ts';

export function Inline({ tokens }: { readonly tokens: readonly Token[] | undefined }): ReactNode {
  return tokens?.map((token, index) => <InlineToken key={index} token={token} />);
}

function InlineToken({ token }: { readonly token: Token }): ReactNode {
  switch (token.type) {
    case 'strong':
      return (
        <strong>
          <Inline tokens={(token as Tokens.Strong).tokens} />
        </strong>
      );
    case 'em':
      return (
        <em>
          <Inline tokens={(token as Tokens.Em).tokens} />
        </em>
      );
    case 'del':
      return (
        <del>
          <Inline tokens={(token as Tokens.Del).tokens} />
        </del>
      );
    case 'codespan':
      return (
        <code dir="ltr" className="rounded-md border border-line bg-sunk px-1.5 py-px font-mono text-[0.86em]">
          {(token as Tokens.Codespan).text}
        </code>
      );
    case 'br':
      return <br />;
    case 'link': {
      const { href, tokens } = token as Tokens.Link;
      return (
        <SafeLink href={href}>
          <Inline tokens={tokens} />
        </SafeLink>
      );
    }
    case 'image': {
      // Loading an external image would reveal to its host who reads the answer, and when.
      const { href, text } = token as Tokens.Image;
      return <SafeLink href={href}>{text || href}</SafeLink>;
    }
    case 'formula': {
      const { tex, raw } = token as unknown as FormulaToken;
      return <Formula tex={tex} display={raw.startsWith('$$')} />;
    }
    case 'footnote-reference':
      return <FootnoteReference token={token as unknown as ReferenceToken} />;
    case 'escape':
      return (token as Tokens.Escape).text;
    case 'text':
      return (token as Tokens.Text).tokens ? (
        <Inline tokens={(token as Tokens.Text).tokens} />
      ) : (
        decoded((token as Tokens.Text).text)
      );
    default:
      // HTML is shown as source.
      return token.raw;
  }
}

/** A link that opens in a new tab; only its text if the address is not allowed. */
function SafeLink({ href, children }: { readonly href: string; readonly children: ReactNode }): ReactNode {
  const target = safeLink(href);
  if (target === null) return children;
  return (
    <a
      href={target}
      target="_blank"
      rel="noreferrer nofollow"
      title={target}
      className="text-ember-ink underline underline-offset-2"
    >
      {children}
    </a>
  );
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  nbsp: '\u00a0',
};

/** Entities that models commonly write. */
function decoded(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|#39|nbsp);/g, (_whole, name: string) => entities[name]!);
}
