/** The text of a Word document. Pages are those that Word last laid out, where it says so. */
import { openParts } from './package-parts.ts';
import { Passages } from './passages.ts';
import { Unreadable, type TextFound } from './result.ts';
import type { XmlEvents } from './xml.ts';

/** Text after which an element ends. */
const after: Readonly<Record<string, string>> = { p: '\n', tab: '\t', br: '\n', cr: '\n', tc: '\t', tr: '\n' };

/** Throws `Unreadable`. */
export async function readWord(bytes: Buffer, limits: { readonly pages: number }): Promise<TextFound> {
  const parts = await openParts(bytes);
  const passages = new Passages();
  let page = 1;
  let text = '';
  const flush = () => {
    passages.add(page, text);
    text = '';
  };
  const turn = () => {
    flush();
    page += 1;
    if (page > limits.pages) throw new Unreadable('too_many_pages');
  };
  await parts.read(
    parts.main,
    textOf((piece) => (text += piece), turn),
  );
  flush();
  const others = [...(await parts.relationsOf(parts.main)).values()];
  for (const { type, target } of others) {
    if (type !== 'footnotes' && type !== 'endnotes') continue;
    await parts.read(
      target,
      textOf((piece) => (text += piece)),
    );
    flush();
  }
  return passages.found(page);
}

/** `turn` is called where a page ends. */
function textOf(write: (text: string) => void, turn: () => void = () => {}): XmlEvents {
  let inText = false;
  /** Word marks the page after a break too. */
  let turned = false;
  /** Inside a second version of the same content, for older programs. */
  let skipped = 0;
  const turnOnce = () => {
    if (!turned) turn();
    turned = true;
  };
  return {
    open(name, attributes) {
      if (name === 'Fallback') skipped += 1;
      if (name === 't') inText = true;
      if (name === 'br' && attributes['w:type'] === 'page') {
        turned = false;
        turnOnce();
      } else if (name === 'lastRenderedPageBreak') turnOnce();
    },
    text(piece) {
      if (!inText || skipped > 0) return;
      turned = false;
      write(piece);
    },
    close(name) {
      if (name === 'Fallback') skipped -= 1;
      if (name === 't') inText = false;
      if (skipped === 0 && after[name] !== undefined) write(after[name]);
    },
  };
}
