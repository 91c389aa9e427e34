/** Derives the name of a room from its first question. */

const longest = 60;

/** The first line, cut at a word boundary if possible. At most 60 characters, never empty. */
export function roomNameFrom(content: string): string {
  const line = content.trim().split('\n')[0]!.replaceAll(/\s+/g, ' ');
  const letters = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment);
  if (letters.length <= longest) return [...line].slice(0, 100).join('');
  const cut = letters.slice(0, longest - 1).join('');
  return `${cut.replace(/\s+\S*$/, '') || cut}…`;
}
