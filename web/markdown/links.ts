/** The addresses that answers may link to. */

const allowed = new Set(['http:', 'https:', 'mailto:']);

/** The address that is opened, in ASCII; null if it is not allowed. */
export function safeLink(href: string): string | null {
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  return allowed.has(url.protocol) && url.username === '' && url.password === '' ? url.href : null;
}
