/** Unrendered text. */
import { escapeHtml } from '../http/html.ts';

export function plainToHtml(source: string): string {
  return `<p dir="auto" class="plain">${escapeHtml(source)}</p>`;
}
