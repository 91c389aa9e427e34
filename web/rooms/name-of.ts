/** The display name of a room. */
import type { Chatroom } from '../../contract/chatrooms.ts';
import type { Text } from '../languages/text.ts';

/** A room that is not named yet has its name in the reader's language. */
export function nameOf({ name, name_source }: Pick<Chatroom, 'name' | 'name_source'>, text: Text): string {
  return name_source === 'default' ? text('new-chat') : name;
}
