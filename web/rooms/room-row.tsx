/** A room in the sidebar: opens it, renames it in place, deletes it. */
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Chatroom } from '../../contract/chatrooms.ts';
import { renameRoom } from '../api/rooms.ts';
import { queries } from '../app/queries.ts';
import { useText } from '../languages/text.ts';
import { putRoomFirst } from '../live/apply-event.ts';
import { Icon } from '../ui/icon.tsx';
import { Menu } from '../ui/menu.tsx';
import { showToast } from '../ui/toast.tsx';
import { deleteWithUndo } from './delete-with-undo.ts';

export function RoomRow({ room }: { readonly room: Chatroom }) {
  const text = useText();
  const navigate = useNavigate();
  const { roomId } = useParams({ strict: false });
  const [editing, setEditing] = useState(false);

  function remove(): void {
    deleteWithUndo(room.id);
    if (roomId === String(room.id)) void navigate({ to: '/' });
  }

  if (editing) return <RenameField room={room} onDone={() => setEditing(false)} />;
  return (
    <li className="group relative flex items-center rounded-xl hover:bg-raised has-[[aria-current=page]]:bg-raised has-[[aria-current=page]]:font-semibold">
      <Link
        to="/c/$roomId"
        params={{ roomId: String(room.id) }}
        activeProps={{ 'aria-current': 'page' }}
        dir="auto"
        className="min-w-0 flex-1 truncate rounded-xl py-2 ps-3 pe-9 text-[15px] text-soft aria-[current=page]:text-ink"
      >
        {room.name}
      </Link>
      <div className="absolute end-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100">
        <Menu
          label={text('room.actions', { name: room.name })}
          className="grid size-8 place-items-center rounded-lg text-faint hover:text-ink pointer-coarse:size-10"
          items={[
            { label: text('rename'), onSelect: () => setEditing(true) },
            { label: text('delete'), onSelect: remove, danger: true },
          ]}
        >
          <Icon name="more" size={16} />
        </Menu>
      </div>
    </li>
  );
}

function RenameField({ room, onDone }: { readonly room: Chatroom; readonly onDone: () => void }) {
  const text = useText();
  const cancelled = useRef(false);

  async function save(value: string): Promise<void> {
    onDone();
    const name = value.trim();
    if (cancelled.current || name === '' || name === room.name) return;
    try {
      putRoomFirst(queries, await renameRoom(room.id, name));
    } catch {
      showToast({ message: text('room.rename-failed') });
    }
  }

  return (
    <li>
      <input
        autoFocus
        dir="auto"
        aria-label={text('room.name')}
        defaultValue={room.name}
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
