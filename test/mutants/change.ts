/** A deliberate change that breaks the product, and the test that notices it. */

export interface Change {
  /** What is broken then, in a few words; names the change. */
  readonly breaks: string;
  readonly file: string;
  /** Stands in the file exactly once; runs of white space count as one blank. */
  readonly find: string;
  readonly replace: string;
  /** The test file that goes red. */
  readonly test: string;
  /** Part of the name of the test in it that fails; it may fail others too. */
  readonly named: string;
  /** Needs a PostgreSQL: PGlite has a single connection, which hides races. */
  readonly postgres?: true;
}

/** The file's text with the change made; throws unless what is to be found stands there exactly once. */
export function changed(text: string, { file, find, replace }: Pick<Change, 'file' | 'find' | 'replace'>): string {
  const words = find.trim().split(/\s+/);
  const pattern = new RegExp(words.map((word) => RegExp.escape(word)).join('\\s+'), 'g');
  const places = [...text.matchAll(pattern)];
  if (places.length !== 1) throw new Error(`${places.length} places in ${file} read: ${find}`);
  return text.replace(pattern, () => replace);
}
