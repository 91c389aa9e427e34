/** A cheap estimate of tokens, without the vendor's tokenizer. */

/**
 * UTF-8 tells scripts apart: a token is about four letters of Latin, two of Cyrillic or Arabic, one or two of Chinese or
 * Hindi, each about four bytes.
 */
export const bytesPerToken = 4;

/** What a turn costs beside its text. */
export const tokensPerTurn = 4;

/** Bounds of the factor by which an estimate is corrected; it decides how many bytes a prompt may have. */
export const leastFactor = 0.5;
export const mostFactor = 2;
/** Added to both counts, so that what one short question counted says little. */
export const steadyTokens = 200;

/** Estimated tokens of a text. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

/** The longest prefix within `bytes` that ends between two characters. */
export function cutToBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  if (bytes <= 0) return '';
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(bytes)).read);
}
