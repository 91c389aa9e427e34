/**
 * Markdown as HTML for the shared page, with no part of the source as markup: HTML is shown as text, images are links, and
 * links lead to http, https or mailto only. The web client's renderer has the same rules.
 */
import { Marked, type Token, type Tokens, type TokenizerAndRendererExtension } from 'marked';
import { escapeHtml } from '../http/html.ts';
import { plainToHtml } from './plain-text.ts';

interface FormulaToken {
  readonly type: 'formula';
  readonly raw: string;
  readonly tex: string;
}

function formulas(
  name: string,
  level: 'block' | 'inline',
  start: RegExp,
  whole: RegExp,
): TokenizerAndRendererExtension {
  return {
    name,
    level,
    start: (source) => start.exec(source)?.index,
    tokenizer(source) {
      const match = whole.exec(source);
      return match
        ? { type: name, raw: match[0], tex: match.slice(1).find((group) => group !== undefined) }
        : undefined;
    },
  };
}

/** Formulas are shown as TeX: recognised only so that their signs are not read as Markdown. Prices such as $5 are none. */
const marked = new Marked({
  gfm: true,
  extensions: [
    formulas(
      'formula-block',
      'block',
      /^(?:\$\$|\\\[)/m,
      /^\$\$([^$]+?)\$\$ *(?:\n+|$)|^\\\[([\s\S]+?)\\\] *(?:\n+|$)/,
    ),
    formulas(
      'formula',
      'inline',
      /\$|\\\(/,
      /^\$\$([^$\n]+?)\$\$|^\$(?![\s$])((?:\\.|[^\\\n$])+?)(?<!\s)\$(?![\d$])|^\\\(([\s\S]+?)\\\)/,
    ),
  ],
});

/** HTML of a text. Throws on text nested too deeply; slow on hostile text, so it runs in a thread with a time limit. */
export function markdownToHtml(source: string): string {
  return blocks(marked.lexer(source));
}

function blocks(tokens: readonly Token[]): string {
  return tokens.map(block).join('\n');
}

function block(token: Token): string {
  switch (token.type) {
    case 'space':
      return '';
    case 'def':
      // A footnote with one word looks like a link's definition.
      return token.raw.startsWith('[^') ? plainToHtml(token.raw.trim()) : '';
    case 'heading': {
      const { depth, tokens } = token as Tokens.Heading;
      // Level 1 is the heading of the page.
      const level = Math.max(2, depth);
      return `<h${level} dir="auto">${inline(tokens)}</h${level}>`;
    }
    case 'paragraph':
      return `<p dir="auto">${inline((token as Tokens.Paragraph).tokens)}</p>`;
    case 'code':
      return `<pre dir="ltr" tabindex="0"><code>${escapeHtml((token as Tokens.Code).text)}</code></pre>`;
    case 'blockquote':
      return `<blockquote dir="auto">${blocks((token as Tokens.Blockquote).tokens)}</blockquote>`;
    case 'list':
      return list(token as Tokens.List);
    case 'table':
      return table(token as Tokens.Table);
    case 'hr':
      return '<hr>';
    case 'formula-block':
      return `<pre dir="ltr" tabindex="0"><code>${escapeHtml((token as unknown as FormulaToken).tex.trim())}</code></pre>`;
    case 'text':
      return inline((token as Tokens.Text).tokens ?? [token]);
    default:
      return plainToHtml(token.raw.trimEnd());
  }
}

function list({ ordered, start, items }: Tokens.List): string {
  const entries = items.map((item) => {
    const box = item.task ? (item.checked ? '☑ ' : '☐ ') : '';
    const content = blocks(item.tokens.filter(({ type }) => type !== 'checkbox'));
    return `<li dir="auto"${item.task ? ' class="task"' : ''}>${box}${content}</li>`;
  });
  if (!ordered) return `<ul>${entries.join('')}</ul>`;
  return `<ol start="${Number(start) || 0}">${entries.join('')}</ol>`;
}

function table({ header, rows }: Tokens.Table): string {
  const row = (cells: readonly Tokens.TableCell[], name: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${name} dir="auto"${alignment(cell.align)}>${inline(cell.tokens)}</${name}>`).join('')}</tr>`;
  const body = rows.map((cells) => row(cells, 'td')).join('');
  return `<div class="table" tabindex="0" role="group"><table><thead>${row(header, 'th')}</thead><tbody>${body}</tbody></table></div>`;
}

function alignment(align: Tokens.TableCell['align']): string {
  return align === 'right' ? ' class="end"' : align === 'center' ? ' class="center"' : '';
}

function inline(tokens: readonly Token[] | undefined): string {
  return (tokens ?? []).map(span).join('');
}

function span(token: Token): string {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return `<${token.type}>${inline((token as Tokens.Strong).tokens)}</${token.type}>`;
    case 'codespan':
      return `<code dir="ltr">${escapeHtml((token as Tokens.Codespan).text)}</code>`;
    case 'formula':
      return `<code dir="ltr">${escapeHtml((token as unknown as FormulaToken).tex.trim())}</code>`;
    case 'br':
      return '<br>';
    case 'link':
      return link((token as Tokens.Link).href, inline((token as Tokens.Link).tokens));
    case 'image': {
      // Loading an image would reveal to its host who reads the page, and when.
      const { href, text } = token as Tokens.Image;
      return link(href, escapeHtml(text || href));
    }
    case 'escape':
      return escapeHtml((token as Tokens.Escape).text);
    case 'text': {
      const { tokens, text } = token as Tokens.Text;
      return tokens ? inline(tokens) : escapeHtml(decoded(text));
    }
    default:
      // HTML is shown as source.
      return escapeHtml(token.raw);
  }
}

const schemes = new Set(['http:', 'https:', 'mailto:']);

/** Only its text if the URL is not allowed. The URL is shown in ASCII, as it is opened. */
function link(href: string, html: string): string {
  if (!URL.canParse(href)) return html;
  const url = new URL(href);
  if (!schemes.has(url.protocol) || url.username !== '' || url.password !== '') return html;
  const target = escapeHtml(url.href);
  return `<a href="${target}" title="${target}" rel="noopener noreferrer nofollow ugc">${html}</a>`;
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
