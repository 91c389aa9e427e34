/** The text of a PDF, page by page. Scripts in it are not run, and nothing is drawn or loaded. */
import { getDocumentProxy, getResolvedPDFJS } from 'unpdf';
import { Passages } from './passages.ts';
import { Unreadable, type TextFound } from './result.ts';

// So that a part that is missing fails here.
await getResolvedPDFJS();

/** Throws `Unreadable`. */
export async function readPdf(bytes: Buffer, { pages }: { readonly pages: number }): Promise<TextFound> {
  const document = await getDocumentProxy(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), {
    verbosity: 0,
    disableFontFace: true,
    useSystemFonts: false,
    // Images are never decoded for their text.
    maxImageSize: 1,
  }).catch(refuse);
  if (document.numPages > pages) throw new Unreadable('too_many_pages');
  const passages = new Passages();
  let damaged = 0;
  for (let number = 1; number <= document.numPages; number++) {
    const text = await textOf(document, number).catch(() => null);
    if (text === null) damaged += 1;
    else if (!passages.add(number, text)) break;
  }
  if (damaged === document.numPages) throw new Unreadable('damaged');
  return passages.found(document.numPages);
}

type Document = Awaited<ReturnType<typeof getDocumentProxy>>;

async function textOf(document: Document, number: number): Promise<string> {
  const page = await document.getPage(number);
  const { items } = await page.getTextContent();
  page.cleanup();
  return items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join('');
}

function refuse(error: unknown): never {
  throw new Unreadable((error as Error).name === 'PasswordException' ? 'protected' : 'damaged');
}
