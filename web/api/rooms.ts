/** API calls for chat rooms. */
import type { Chatroom, ChatroomChange } from '../../contract/chatrooms.ts';
import type { Context } from '../../contract/context.ts';
import { call, callForResponse } from './request.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Path of the next page; null on the last. */
  readonly next: string | null;
}

/** RFC 8288: the target of the link with this relation. */
function linkOf(response: Response, rel: string): string | null {
  const links = (response.headers.get('link') ?? '').split(/,\s*(?=<)/);
  const found = links.find((link) => new RegExp(`;\\s*rel="?${rel}"?`).test(link));
  return found === undefined ? null : (/^<([^>]*)>/.exec(found)?.[1] ?? null);
}

export async function readPage<T>(path: string, signal: AbortSignal, rel = 'next'): Promise<Page<T>> {
  const response = await callForResponse('GET', path, { signal });
  return { items: (await response.json()) as T[], next: linkOf(response, rel) };
}

export const listRooms = (path: string | null, signal: AbortSignal) =>
  readPage<Chatroom>(path ?? '/chatroom?limit=50', signal);

export const listArchived = (path: string | null, signal: AbortSignal) =>
  readPage<Chatroom>(path ?? '/chatroom?archived=true&limit=50', signal);

/** The pinned rooms of latest activity. */
export const listPinned = (signal: AbortSignal) =>
  call<Chatroom[]>('GET', '/chatroom?pinned=true&limit=100', { signal });

export const readRoom = (id: number, signal: AbortSignal) => call<Chatroom>('GET', `/chatroom/${id}`, { signal });

/** What its next question would be sent with. */
export const readContext = (id: number, signal: AbortSignal) =>
  call<Context>('GET', `/chatroom/${id}/context`, { signal });

/** A room that is named after its first answer. */
export const createRoom = (key: string) =>
  call<Chatroom>('POST', '/chatroom', { body: {}, headers: { 'idempotency-key': key } });

/** Changes what `body` names; with `head_id` the path then runs through that message. */
export const patchRoom = (id: number, body: ChatroomChange) => call<Chatroom>('PATCH', `/chatroom/${id}`, { body });

export const deleteRoom = (id: number, options: { keepalive?: boolean } = {}) =>
  call<void>('DELETE', `/chatroom/${id}`, options);
