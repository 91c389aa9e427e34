/** API calls for memories and the settings of the account. */
import type { Memory, UserSettings, UserSettingsChange } from '../../contract/memories.ts';
import { call } from './request.ts';

export const readSettings = (signal: AbortSignal) => call<UserSettings>('GET', '/user/settings', { signal });
/** Members that are not named stay as they are. */
export const changeSettings = (body: UserSettingsChange) => call<UserSettings>('PATCH', '/user/settings', { body });
/** All of them, oldest first. */
export const listMemories = (signal: AbortSignal) => call<Memory[]>('GET', '/user/memories', { signal });
export const changeMemory = (id: number, content: string) =>
  call<Memory>('PATCH', `/user/memories/${id}`, { body: { content } });
export const deleteMemory = (id: number, options: { keepalive?: boolean } = {}) =>
  call<void>('DELETE', `/user/memories/${id}`, options);

/** The text that may have been added without a response, and its key. */
let unsettled: { readonly content: string; readonly key: string } | null = null;

/** Can be retried: the same text is added once. */
export async function addMemory(content: string): Promise<Memory> {
  if (unsettled?.content !== content) unsettled = { content, key: crypto.randomUUID() };
  const headers = { 'idempotency-key': unsettled.key };
  const memory = await call<Memory>('POST', '/user/memories', { body: { content }, headers });
  unsettled = null;
  return memory;
}
