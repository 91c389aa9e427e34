/** Block-level Markdown as elements. */
import type { Token, Tokens } from 'marked';
import { memo, type ReactNode } from 'react';
import { CodeBlock } from './code-block.tsx';
import { Formula } from './formula.tsx';
import type { FormulaToken } from './formulas.ts';
import { Inline } from './inline.tsx';

/** Rendered again only when its source changes. */
export const BlockView = memo(
  function BlockView({ token }: { readonly token: Token }): ReactNode {
    return <BlockToken token={token} />;
  },
  (before, after) => before.token.raw === after.token.raw && before.token.type === after.token.type,
);

function BlockToken({ token }: { readonly token: Token }): ReactNode {
  switch (token.type) {
    case 'space':
    case 'def':
    case 'footnote':
      return null;
    case 'heading':
      return <Heading heading={token as Tokens.Heading} />;
    case 'paragraph':
      return (
        <p dir="auto">
          <Inline tokens={(token as Tokens.Paragraph).tokens} />
        </p>
      );
    case 'code':
      return <CodeBlock info={(token as Tokens.Code).lang ?? ''} code={(token as Tokens.Code).text} />;
    case 'blockquote':
      return (
        <blockquote dir="auto" className="border-s-2 border-line ps-4 text-soft">
          <Blocks tokens={(token as Tokens.Blockquote).tokens} />
        </blockquote>
      );
    case 'list':
      return <List list={token as Tokens.List} />;
    case 'table':
      return <Table table={token as Tokens.Table} />;
    case 'hr':
      return <hr className="border-line" />;
    case 'formula-block':
      return <Formula tex={(token as unknown as FormulaToken).tex} display />;
    case 'text':
      return <Inline tokens={(token as Tokens.Text).tokens ?? [token]} />;
    default:
      // HTML and unknown tokens are shown as source.
      return (
        <p dir="auto" className="whitespace-pre-wrap">
          {token.raw.trimEnd()}
        </p>
      );
  }
}

function Heading({ heading: { depth, tokens } }: { readonly heading: Tokens.Heading }): ReactNode {
  // Level 1 is the heading of the page.
  const Level = `h${Math.max(2, depth)}` as 'h2';
  return (
    <Level dir="auto" className={depth <= 2 ? 'text-[19px]' : 'text-[16.5px]'}>
      <Inline tokens={tokens} />
    </Level>
  );
}

function Blocks({ tokens }: { readonly tokens: readonly Token[] }): ReactNode {
  return tokens.map((token, index) => <BlockView key={index} token={token} />);
}

function List({ list }: { readonly list: Tokens.List }): ReactNode {
  const items = list.items.map((item, index) => (
    <li key={index} dir="auto" className={item.task ? 'list-none' : ''}>
      {item.task && <input type="checkbox" checked={item.checked ?? false} readOnly disabled className="me-2" />}
      <Blocks tokens={item.tokens.filter(({ type }) => type !== 'checkbox')} />
    </li>
  ));
  if (!list.ordered) return <ul>{items}</ul>;
  return <ol start={list.start === '' ? 1 : list.start}>{items}</ol>;
}

function Table({ table }: { readonly table: Tokens.Table }): ReactNode {
  const cell = ({ tokens, align }: Tokens.TableCell, index: number, Cell: 'th' | 'td') => (
    <Cell
      key={index}
      dir="auto"
      className={align === 'right' ? 'text-end' : align === 'center' ? 'text-center' : 'text-start'}
    >
      <Inline tokens={tokens} />
    </Cell>
  );
  return (
    <div className="overflow-x-auto" tabIndex={0} role="group">
      <table>
        <thead>
          <tr>{table.header.map((one, index) => cell(one, index, 'th'))}</tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>{row.map((one, column) => cell(one, column, 'td'))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
