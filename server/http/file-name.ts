/** File names in headers (RFC 6266, RFC 8187). */

const longest = 100;
/** What file systems, shells and right-to-left tricks make of a name. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"/\\|?*]+/gu;

/** The name without what is unsafe, at most 100 characters; `fallback` if nothing is left. */
export function safeName(name: string, fallback: string): string {
  const safe = [...name.toWellFormed().replaceAll(unsafe, ' ')]
    .slice(0, longest)
    .join('')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[\s.]+|[\s.]+$/g, '');
  return safe === '' ? fallback : safe;
}

/** The parameter of `Content-Disposition` that names a file. */
export function fileNameParameter(name: string): string {
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `filename*=UTF-8''${encoded}`;
}
