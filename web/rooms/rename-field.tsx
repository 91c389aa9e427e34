/** The field in which a room is renamed, loaded when it is needed. */
import { useRef } from 'react';
import type { Chatroom } from '../../contract/chatrooms.ts';
import { patchRoom } from '../api/rooms.ts';
import { queries } from '../app/queries.ts';
import { useText } from '../languages/text.ts';
import { putRoomFirst } from '../live/room-cache.ts';
import { focusAtOnce } from '../ui/focus-at-once.ts';
import { nameOf } from './name-of.ts';
import { showToast } from '../ui/toast.tsx';

export function RenameField({ room, onDone }: { readonly room: Chatroom; readonly onDone: () => void }) {
  const text = useText();
  const shown = nameOf(room, text);
  const cancelled = useRef(false);

  async function save(value: string): Promise<void> {
    onDone();
    const name = value.trim();
    if (cancelled.current || name === '' || name === shown) return;
    try {
      putRoomFirst(queries, await patchRoom(room.id, { name }));
    } catch {
      showToast({ message: text('room.rename-failed') });
    }
  }

  return (
    <li>
      <input
        ref={focusAtOnce}
        dir="auto"
        aria-label={text('room.name')}
        defaultValue={shown}
        maxLength={100}
        onFocus={(event) => event.target.select()}
        onBlur={(event) => void save(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape') cancelled.current = true;
          if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur();
        }}
        className="w-full rounded-xl border border-line bg-raised px-3 py-1.5 text-[15px]"
      />
    </li>
  );
}
