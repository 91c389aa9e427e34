/** Dates and times on the administrators' pages. */
import { locale } from '../languages/text.ts';

export function dateTime(timestamp: string): string {
  const format = new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'medium' });
  return format.format(new Date(timestamp));
}
