/** A deliberate change that breaks the product, and the test that detects it. */

export interface Change {
  /** The defect in a few words; names the change. */
  readonly breaks: string;
  readonly file: string;
  /** Text that occurs in the file exactly once; white space is normalized. */
  readonly find: string;
  readonly replace: string;
  /** The test file that fails. */
  readonly test: string;
  /** Part of the name of the test that fails; others may fail too. */
  readonly named: string;
  /** Needs a PostgreSQL: PGlite has a single connection, which hides races. */
  readonly postgres?: true;
}

/** The changed text of the file; throws unless `find` occurs exactly once. */
export function changed(text: string, { file, find, replace }: Pick<Change, 'file' | 'find' | 'replace'>): string {
  const words = find.trim().split(/\s+/);
  const pattern = new RegExp(words.map((word) => RegExp.escape(word)).join('\\s+'), 'g');
  const places = [...text.matchAll(pattern)];
  if (places.length !== 1) throw new Error(`${places.length} places in ${file} read: ${find}`);
  return text.replace(pattern, () => replace);
}
