/** Hours of the day without push messages, in the person's time zone. */
import type { QuietHours } from './store.ts';

/** `from` is in, `to` is out; the hours may span midnight. Equal ends mean the whole day. */
export function isQuiet({ from, to, time_zone: timeZone }: QuietHours, now: Date): boolean {
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(now);
  return from < to ? time >= from && time < to : time >= from || time < to;
}
