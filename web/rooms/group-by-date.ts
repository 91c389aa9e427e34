/** Groups rooms by date: today, yesterday, this week, then by month. */
import type { Chatroom } from '../../contract/chatrooms.ts';

export interface RoomGroup {
  /** A text id, or a month such as `2026-11`. */
  readonly heading: 'today' | 'yesterday' | 'week' | (string & {});
  readonly rooms: readonly Chatroom[];
}

const dayMs = 86_400_000;

/** Keeps the order of `rooms`, which is latest activity first. Days are in local time. */
export function groupByDate(rooms: readonly Chatroom[], now: Date = new Date()): RoomGroup[] {
  const groups = Map.groupBy(rooms, ({ updated_at }) => headingOf(new Date(updated_at), now));
  return [...groups].map(([heading, grouped]) => ({ heading, rooms: grouped }));
}

function headingOf(at: Date, now: Date): string {
  const today = startOfDay(now);
  // Noon of the previous day, which is correct for days of 23 or 25 hours.
  const yesterday = startOfDay(new Date(today.getTime() - dayMs / 2));
  if (at >= today) return 'today';
  if (at >= yesterday) return 'yesterday';
  if (at.getTime() >= today.getTime() - 6 * dayMs) return 'week';
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}`;
}

function startOfDay(date: Date): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}
