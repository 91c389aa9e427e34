/** API calls for shared chats. */
import type { Share } from '../../contract/shares.ts';
import { call } from './request.ts';

export const listShares = (roomId: number, signal: AbortSignal) =>
  call<Share[]>('GET', `/chatroom/${roomId}/shares`, { signal });

export const createShare = (roomId: number, key: string) =>
  call<Share>('POST', `/chatroom/${roomId}/shares`, { headers: { 'idempotency-key': key } });

export const deleteShare = (roomId: number, shareId: number) =>
  call<void>('DELETE', `/chatroom/${roomId}/shares/${shareId}`);
