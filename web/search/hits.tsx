/** The hits of a search, best first; more are loaded when the end scrolls into view. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { searchMessages } from '../api/search.ts';
import { keys } from '../app/keys.ts';
import { useText } from '../languages/text.ts';
import { LoadState } from '../ui/load-state.tsx';
import { useReachingEnd } from '../ui/use-reaching-end.ts';
import { HitRow } from './hit-row.tsx';

export function Hits({ words }: { readonly words: string }) {
  const text = useText();
  const hits = useInfiniteQuery({
    queryKey: keys.search(words),
    queryFn: ({ pageParam, signal }) => searchMessages(words, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    // Messages are added to the index all the time.
    staleTime: 0,
  });
  const end = useReachingEnd(hits.hasNextPage && !hits.isFetching ? hits.fetchNextPage : null);
  const found = hits.data?.pages.flatMap(({ items }) => items) ?? [];
  const none = found.length === 0;

  function outcome(): string {
    if (!hits.isSuccess || hits.isPlaceholderData) return '';
    return none ? text('search.none', { words }) : text('search.count', { count: found.length });
  }

  return (
    <>
      <p role="status" className={none ? 'm-0 px-2 text-[14px] text-faint' : 'sr-only'}>
        {outcome()}
      </p>
      <ol
        aria-label={text('search.results')}
        aria-busy={hits.isFetching}
        className={`m-0 grid list-none gap-1 p-0 ${hits.isPlaceholderData ? 'opacity-60' : ''}`}
      >
        {found.map((hit) => (
          <HitRow key={hit.message_id} hit={hit} />
        ))}
      </ol>
      <div ref={end} className="h-px" />
      {(hits.isError || hits.isPending || hits.isFetchingNextPage) && <LoadState queries={[hits]} />}
    </>
  );
}
