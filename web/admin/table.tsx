/** A table of the administrators' pages; more rows are loaded when its end scrolls into view. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { readPage } from '../api/rooms.ts';
import { useText } from '../languages/text.ts';
import { LoadState } from '../ui/load-state.tsx';
import { useReachingEnd } from '../ui/use-reaching-end.ts';

export interface TableProps<T> {
  readonly label: string;
  readonly heads: readonly string[];
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string | number;
  /** One for each of `heads`; the first names the row. */
  readonly cellsOf: (item: T) => readonly ReactNode[];
}

export function Table<T>({ label, heads, items, keyOf, cellsOf }: TableProps<T>) {
  const text = useText();
  if (items.length === 0) return <p className="m-0 text-faint">{text('admin.none')}</p>;
  return (
    // It scrolls by keyboard where it is wider than the screen.
    <div role="region" aria-label={label} tabIndex={0} className="relative overflow-x-auto">
      <table className="tabular w-full border-collapse text-[14px]">
        <thead>
          <tr className="border-b border-line">
            {heads.map((head) => (
              <th key={head} scope="col" className="py-2 pe-4 text-start font-semibold whitespace-nowrap">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => {
            const [name, ...cells] = cellsOf(item);
            return (
              <tr key={keyOf(item)} className="border-b border-line">
                <th scope="row" className="py-2 pe-4 text-start font-medium">
                  {name}
                </th>
                {cells.map((cell, index) => (
                  <td key={heads[index + 1]} className="py-2 pe-4 text-soft">
                    {cell}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The list at a path of the API, in pages. */
export function PagedTable<T>({ path, ...table }: Omit<TableProps<T>, 'items'> & { readonly path: string }) {
  const list = useInfiniteQuery({
    queryKey: ['admin', path],
    queryFn: ({ pageParam, signal }) => readPage<T>(pageParam ?? path, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const end = useReachingEnd(list.hasNextPage && !list.isFetching ? list.fetchNextPage : null);
  const items = list.data?.pages.flatMap((page) => page.items);
  return (
    <div className={list.isPlaceholderData ? 'opacity-60' : undefined}>
      {items && <Table {...table} items={items} />}
      <div ref={end} className="h-px" />
      {(!items || list.isError || list.isFetchingNextPage) && <LoadState queries={[list]} />}
    </div>
  );
}
