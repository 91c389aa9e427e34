/** Quiet hours in the person's zone, over midnight too. */
import { expect, it } from 'vitest';
import { isQuiet } from './quiet-hours.ts';

const at = (time: string) => new Date(`2026-11-23T${time}:00Z`);

it.each([
  ['22:00', '07:00', 'UTC', '21:59', false],
  ['22:00', '07:00', 'UTC', '22:00', true],
  ['22:00', '07:00', 'UTC', '06:59', true],
  ['22:00', '07:00', 'UTC', '07:00', false],
  ['09:00', '17:00', 'UTC', '12:00', true],
  ['09:00', '17:00', 'UTC', '17:00', false],
  ['22:00', '07:00', 'Asia/Kolkata', '16:29', false],
  ['22:00', '07:00', 'Asia/Kolkata', '16:30', true],
  ['00:00', '00:00', 'UTC', '03:00', true],
])('from %s to %s in %s, at %s UTC: %s', (from, to, zone, now, quiet) => {
  expect(isQuiet({ from, to, time_zone: zone }, at(now))).toBe(quiet);
});
