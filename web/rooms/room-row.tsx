/** A room in the sidebar, which can be opened, pinned, renamed in place, shared, exported, archived and deleted. */
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { Chatroom } from '../../contract/chatrooms.ts';
import { download } from '../app/download.ts';
import { useText } from '../languages/text.ts';
import { Icon } from '../ui/icon.tsx';
import { Menu } from '../ui/menu.tsx';
import { archive, mark } from './change-room.ts';
import { nameOf } from './name-of.ts';
import { deleteWithUndo } from './delete-with-undo.ts';

const ShareDialog = lazy(async () => ({ default: (await import('./share-dialog.tsx')).ShareDialog }));
const RenameField = lazy(async () => ({ default: (await import('./rename-field.tsx')).RenameField }));

export function RoomRow({ room }: { readonly room: Chatroom }) {
  const text = useText();
  const navigate = useNavigate();
  const { roomId } = useParams({ strict: false });
  const name = nameOf(room, text);
  const [editing, setEditing] = useState(false);
  const [sharing, setSharing] = useState(false);

  function remove(): void {
    deleteWithUndo(room.id);
    leave();
  }

  function archiveIt(): void {
    void archive(room.id);
    leave();
  }

  function leave(): void {
    if (roomId === String(room.id)) void navigate({ to: '/' });
  }

  const row = (
    <li className="group relative flex items-center rounded-xl hover:bg-raised has-[[aria-current=page]]:bg-raised has-[[aria-current=page]]:font-semibold">
      <Link
        to="/c/$roomId"
        params={{ roomId: String(room.id) }}
        activeProps={{ 'aria-current': 'page' }}
        dir="auto"
        className="min-w-0 flex-1 truncate rounded-xl py-2 ps-3 pe-9 text-[15px] text-soft aria-[current=page]:text-ink"
      >
        {name}
      </Link>
      {room.unread > 0 && (
        <span
          role="img"
          aria-label={text('room.unread', { count: room.unread })}
          className="absolute end-4 size-2 rounded-full bg-ember group-focus-within:opacity-0 group-hover:opacity-0 pointer-coarse:end-11 pointer-coarse:opacity-100!"
        />
      )}
      <div className="absolute end-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100">
        <Menu
          label={text('room.actions', { name })}
          className="grid size-8 place-items-center rounded-lg text-faint hover:text-ink pointer-coarse:size-10"
          items={[
            {
              label: text(room.pinned ? 'unpin' : 'pin'),
              onSelect: () => void mark(room.id, { pinned: !room.pinned }),
            },
            { label: text('rename'), onSelect: () => setEditing(true) },
            { label: text('share'), onSelect: () => setSharing(true) },
            { label: text('export.markdown'), onSelect: () => void download(`/chatroom/${room.id}/export`) },
            { label: text('export.json'), onSelect: () => void download(`/chatroom/${room.id}/export?format=json`) },
            { label: text('archive'), onSelect: archiveIt },
            { label: text('delete'), onSelect: remove, danger: true },
          ]}
        >
          <Icon name="more" size={16} />
        </Menu>
      </div>
      <Suspense>{sharing && <ShareDialog room={room} onClose={() => setSharing(false)} />}</Suspense>
    </li>
  );
  return editing ? (
    <Suspense fallback={row}>
      <RenameField room={room} onDone={() => setEditing(false)} />
    </Suspense>
  ) : (
    row
  );
}
