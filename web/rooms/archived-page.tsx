/** The archived rooms, latest activity first; more are loaded when the end scrolls into view. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Chatroom } from '../../contract/chatrooms.ts';
import { listArchived } from '../api/rooms.ts';
import { keys } from '../app/keys.ts';
import { PageHeader } from '../app/page-header.tsx';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { useIsBeingDeleted } from '../ui/delete-later.ts';
import { LoadState } from '../ui/load-state.tsx';
import { useReachingEnd } from '../ui/use-reaching-end.ts';
import { mark } from './change-room.ts';
import { deleteWithUndo, deletionKey } from './delete-with-undo.ts';
import { nameOf } from './name-of.ts';

export function ArchivedPage() {
  const text = useText();
  const archived = useInfiniteQuery({
    queryKey: keys.archived,
    queryFn: ({ pageParam, signal }) => listArchived(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const isBeingDeleted = useIsBeingDeleted();
  const end = useReachingEnd(archived.hasNextPage && !archived.isFetching ? archived.fetchNextPage : null);
  const rooms = archived.data?.pages.flatMap(({ items }) => items).filter(({ id }) => !isBeingDeleted(deletionKey(id)));
  return (
    <>
      <PageHeader title={text('archived')} />
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto px-4 pb-10">
        <div className="mx-auto grid w-full max-w-[640px] gap-4 pt-3">
          <p className="m-0 text-soft">{text(rooms?.length === 0 ? 'archived.none' : 'archived.hint')}</p>
          {rooms !== undefined && rooms.length > 0 && (
            <ul aria-label={text('archived')} className="m-0 grid gap-2 p-0">
              {rooms.map((room) => (
                <ArchivedRow key={room.id} room={room} />
              ))}
            </ul>
          )}
        </div>
        <div ref={end} className="h-px" />
        {(rooms === undefined || archived.isError || archived.isFetchingNextPage) && <LoadState queries={[archived]} />}
      </div>
    </>
  );
}

function ArchivedRow({ room }: { readonly room: Chatroom }) {
  const text = useText();
  const { id, updated_at } = room;
  const name = nameOf(room, text);
  // The focused button goes away with its row.
  const keepFocus = () => document.querySelector<HTMLElement>('#main')?.focus();
  const active = new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(new Date(updated_at));
  return (
    <li className="flex list-none flex-wrap items-center gap-x-3 gap-y-2 rounded-xl border border-line bg-raised py-2 ps-4 pe-2">
      <div className="min-w-0 flex-1 basis-44">
        <Link
          to="/c/$roomId"
          params={{ roomId: String(id) }}
          dir="auto"
          className="block truncate text-start font-medium hover:underline"
        >
          {name}
        </Link>
        <div className="text-[13px] text-faint">{text('archived.active', { date: active })}</div>
      </div>
      <div className="flex gap-2">
        <Button
          aria-label={`${text('unarchive')}: ${name}`}
          onClick={() => void mark(id, { archived: false }).then(keepFocus)}
        >
          {text('unarchive')}
        </Button>
        <Button
          aria-label={`${text('delete')}: ${name}`}
          onClick={() => {
            deleteWithUndo(id);
            keepFocus();
          }}
          className="text-bad!"
        >
          {text('delete')}
        </Button>
      </div>
    </li>
  );
}
