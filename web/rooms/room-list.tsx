/** The rooms, pinned ones first, the others grouped by date; more are loaded when the end scrolls into view. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { listPinned, listRooms } from '../api/rooms.ts';
import { keys } from '../app/keys.ts';
import { locale, useText, type Text } from '../languages/text.ts';
import { useReachingEnd } from '../ui/use-reaching-end.ts';
import { isBeingDeleted } from './delete-with-undo.ts';
import { groupByDate } from './group-by-date.ts';
import { RoomRow } from './room-row.tsx';

export function RoomList() {
  const text = useText();
  const { data, isError, refetch, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery({
    queryKey: keys.rooms,
    queryFn: ({ pageParam, signal }) => listRooms(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const { data: pinnedRooms, isPending } = useQuery({
    queryKey: keys.pinned,
    queryFn: ({ signal }) => listPinned(signal),
  });
  const end = useReachingEnd(hasNextPage && !isFetching ? fetchNextPage : null);
  const pinned = (pinnedRooms ?? []).filter(({ id }) => !isBeingDeleted(id));
  const pinnedIds = new Set(pinned.map(({ id }) => id));
  // Shown together, so that nothing moves.
  const rooms = ((isPending ? undefined : data)?.pages.flatMap(({ items }) => items) ?? []).filter(
    ({ id }) => !isBeingDeleted(id) && !pinnedIds.has(id),
  );
  const groups = [...(pinned.length > 0 ? [{ heading: 'pinned', rooms: pinned }] : []), ...groupByDate(rooms)];

  if (isError && !data) {
    return (
      <p className="m-0 flex-1 px-5 py-3 text-[14px] text-soft">
        {text('rooms.failed')}{' '}
        <button type="button" className="underline underline-offset-2" onClick={() => void refetch()}>
          {text('notice.retry')}
        </button>
      </p>
    );
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
      {data && !isPending && groups.length === 0 && (
        <p className="m-0 px-2 py-3 text-[14px] text-faint">{text('rooms.none')}</p>
      )}
      {groups.map((group) => (
        <section key={group.heading}>
          <h2 className="m-0 px-2 pt-4 pb-1 text-[12.5px] font-semibold tracking-normal text-faint">
            {headingText(group.heading, text)}
          </h2>
          <ul className="m-0 list-none p-0">
            {group.rooms.map((room) => (
              <RoomRow key={room.id} room={room} />
            ))}
          </ul>
        </section>
      ))}
      <div ref={end} className="h-px" />
    </div>
  );
}

function headingText(heading: string, text: Text): string {
  const [, year, month] = /^(\d{4})-(\d{2})$/.exec(heading) ?? [];
  if (year === undefined) return text(`rooms.${heading}`);
  const sameYear = Number(year) === new Date().getFullYear();
  const format = new Intl.DateTimeFormat(locale(), { month: 'long', ...(!sameYear && { year: 'numeric' }) });
  return format.format(new Date(Number(year), Number(month) - 1));
}
