/** Makes the title of a room from what a model, or a person, wrote. */

/** In code points. */
const longest = 60;

/** Line breaks aside: control characters, and those that change the direction of the text around them. */
const invisible = /[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]+/gu;
const link = /!?\[([^\]]*)\]\([^)]*\)/g;
const beginning = /^(?:(?:#{1,6}|[-+*>•]|\d{1,2}[.)])\s+|title\s*:\s*)+/i;
const emphasis = /\*+|`+|~~+|__+|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
const quotes = /^["'“”„‟‘’‚«»‹›「」『』《》]+|["'“”„‟‘’‚«»‹›「」『』《》]+$/gu;
const fullStop = /(?<!\.)[.。।]$/u;

/** The first line with text, without Markdown, quotes around it and a full stop, of at most 60 code points; null if nothing is left. */
export function titleFrom(text: string): string | null {
  for (const line of text.toWellFormed().split(/[\r\n\u2028\u2029]+/)) {
    const title = shorten(plain(line));
    if (/[\p{L}\p{N}\p{Emoji_Presentation}]/u.test(title)) return title;
  }
  return null;
}

function plain(line: string): string {
  const bare = line.replaceAll(invisible, ' ').replaceAll(link, '$1').replaceAll(emphasis, '').trim();
  const said = bare.replace(beginning, '').replaceAll(quotes, '').replace(fullStop, '').replaceAll(quotes, '');
  return said.replaceAll(/\s+/g, ' ').trim();
}

/** Cut between two words if one ends in the second half, and never within a character. */
function shorten(title: string): string {
  if (Array.from(title).length <= longest) return title;
  let cut = '';
  let left = longest - 1;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(title)) {
    left -= Array.from(segment).length;
    if (left < 0) break;
    cut += segment;
  }
  const lastSpace = cut.lastIndexOf(' ');
  return `${(lastSpace > cut.length / 2 ? cut.slice(0, lastSpace) : cut).trimEnd()}…`;
}
