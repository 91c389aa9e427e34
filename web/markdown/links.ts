/** Which addresses an answer may link to. */

const allowed = new Set(['http:', 'https:', 'mailto:']);

/** The address as it is opened, in its ASCII form; null for one that must not be followed. */
export function safeLink(href: string): string | null {
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  return allowed.has(url.protocol) && url.username === '' && url.password === '' ? url.href : null;
}
