/** The text of a presentation, slide by slide, with its notes. */
import { openParts, type Parts } from './package-parts.ts';
import { Passages } from './passages.ts';
import { Unreadable, type TextFound } from './result.ts';

/** Throws `Unreadable`. */
export async function readSlides(bytes: Buffer, limits: { readonly pages: number }): Promise<TextFound> {
  const parts = await openParts(bytes);
  const slides = await slidesIn(parts);
  if (slides.length > limits.pages) throw new Unreadable('too_many_pages');
  const passages = new Passages();
  for (const [index, slide] of slides.entries()) {
    const notes = [...(await parts.relationsOf(slide)).values()].filter(({ type }) => type === 'notesSlide');
    let text = await textOf(parts, slide);
    for (const { target } of notes) text += `\n${await textOf(parts, target)}`;
    if (!passages.add(index + 1, text)) break;
  }
  return passages.found(slides.length);
}

/** Names of the slides' parts, in order. */
async function slidesIn(parts: Parts): Promise<string[]> {
  const relations = await parts.relationsOf(parts.main);
  const slides: string[] = [];
  await parts.read(parts.main, {
    open(name, attributes) {
      const target = name === 'sldId' ? relations.get(attributes['r:id'] ?? '')?.target : undefined;
      if (target !== undefined) slides.push(target);
    },
  });
  return slides;
}

async function textOf(parts: Parts, name: string): Promise<string> {
  let text = '';
  let inText = false;
  await parts.read(name, {
    open(element) {
      if (element === 't') inText = true;
    },
    text(piece) {
      if (inText) text += piece;
    },
    close(element) {
      if (element === 't') inText = false;
      if (element === 'p' || element === 'br') text += '\n';
      if (element === 'tc') text += '\t';
    },
  });
  return text;
}
