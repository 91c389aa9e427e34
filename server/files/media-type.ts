/** What a file is, by its first bytes. */
import { isUtf8 } from 'node:buffer';
import path from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { uploadTypes } from '../../contract/uploads.ts';

/** Enough to find the kind of document in a zip archive. */
export const headBytes = 64 * 1024;

const taken: ReadonlySet<string> = new Set([...uploadTypes.image, ...uploadTypes.pdf, ...uploadTypes.office]);
/** Names that promise something else than text. */
const binaryNames = /\.(?:jpe?g|png|webp|gif|hei[cf]|pdf|docx|xlsx|pptx|svg)$/i;
const textTypes: Readonly<Record<string, string>> = {
  '.md': 'text/markdown',
  '.markdown': 'text/markdown',
  '.csv': 'text/csv',
};

/** The media type; null if it is not taken. Text is taken when it is UTF-8, named like text, and no SVG image. */
export async function mediaTypeOf(head: Buffer, name: string): Promise<string | null> {
  const found = await fileTypeFromBuffer(head);
  if (found && taken.has(found.mime)) return found.mime;
  if (found && !isMarkup(found.mime)) return null;
  if (binaryNames.test(name) || !looksLikeText(head) || isSvg(head)) return null;
  return textTypes[path.extname(name).toLowerCase()] ?? 'text/plain';
}

const isMarkup = (mime: string) => /^(?:application\/xml|text\/|application\/rtf)/.test(mime);

function looksLikeText(head: Buffer): boolean {
  if (head.includes(0)) return false;
  // A character of up to four bytes may be cut.
  return [0, 1, 2, 3].some((cut) => isUtf8(head.subarray(0, head.length - cut)));
}

function isSvg(head: Buffer): boolean {
  return /<svg[\s>]/i.test(head.subarray(0, 4096).toString('latin1'));
}

/** A name to show: without folders and what disturbs a line of text. */
export function shownName(sent: string): string {
  const base = sent.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const clean = base
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return [...clean].slice(0, 255).join('') || 'file';
}
