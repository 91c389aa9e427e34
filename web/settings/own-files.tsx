/** The files of the account in the settings: the space they take, and each with its size, to be saved or deleted. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Upload } from '../../contract/uploads.ts';
import { ApiProblem } from '../api/problem.ts';
import { deleteUpload, listUploads, readStorage } from '../api/uploads.ts';
import { download } from '../app/download.ts';
import { keys } from '../app/keys.ts';
import { queries } from '../app/queries.ts';
import { sizeText } from '../files/size-text.ts';
import { Thumbnail } from '../files/thumbnail.tsx';
import { locale, useText } from '../languages/text.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { deleteLater, useIsBeingDeleted } from '../ui/delete-later.ts';
import { LoadState } from '../ui/load-state.tsx';

export function OwnFiles() {
  const text = useText();
  const storage = useQuery({ queryKey: keys.storage, queryFn: ({ signal }) => readStorage(signal), staleTime: 0 });
  const files = useInfiniteQuery({
    queryKey: keys.uploads,
    queryFn: ({ pageParam, signal }) => listUploads(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: 0,
  });
  const isBeingDeleted = useIsBeingDeleted();
  const shown = files.data?.pages.flatMap(({ items }) => items).filter(({ id }) => !isBeingDeleted(deletionKey(id)));
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 id="own-files" className="m-0 text-[16px]">
          {text('files')}
        </h2>
        {storage.data && (
          <span className="tabular text-[14px] text-soft">
            {text('files.used', {
              used: sizeText(storage.data.used_bytes),
              limit: sizeText(storage.data.limit_bytes),
            })}
          </span>
        )}
      </div>
      {storage.data && (
        <meter
          aria-labelledby="own-files"
          min={0}
          max={storage.data.limit_bytes}
          value={Math.min(storage.data.used_bytes, storage.data.limit_bytes)}
          className="usage block h-2 w-full"
        />
      )}
      {shown === undefined && <LoadState queries={[files]} />}
      {shown?.length === 0 && <p className="m-0 text-[14px] text-faint">{text('files.none')}</p>}
      {shown !== undefined && shown.length > 0 && (
        <ul aria-label={text('files')} className="m-0 grid max-h-[420px] gap-2 overflow-y-auto p-0">
          {shown.map((file) => (
            <OwnFile key={file.id} file={file} />
          ))}
        </ul>
      )}
      {files.hasNextPage && (
        <Button disabled={files.isFetching} onClick={() => void files.fetchNextPage()} className="justify-self-start">
          {text('files.more')}
        </Button>
      )}
    </section>
  );
}

const deletionKey = (id: number) => `file ${id}`;

function OwnFile({ file }: { readonly file: Upload }) {
  const text = useText();
  const { id, name, size, created_at } = file;
  const added = new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(new Date(created_at));
  return (
    <li className="flex list-none items-center gap-3 rounded-xl border border-line bg-raised p-2">
      <Thumbnail file={file} className="size-10 rounded-[9px]" />
      <div className="min-w-0 flex-1 leading-tight">
        <bdi className="block truncate font-medium" title={name}>
          {name}
        </bdi>
        <span className="text-[13px] text-faint">
          {sizeText(size)} · <time dateTime={created_at}>{added}</time>
        </span>
      </div>
      <IconButton
        icon="down"
        size={18}
        label={text('files.download', { name })}
        onClick={() => void download(`/uploads/${id}/content`)}
      />
      <IconButton icon="trash" size={18} label={text('files.delete', { name })} onClick={() => remove(id, text)} />
    </li>
  );
}

function remove(id: number, text: ReturnType<typeof useText>): void {
  deleteLater({
    key: deletionKey(id),
    message: text('files.was-deleted'),
    failure: text('files.not-deleted'),
    async carryOut(options) {
      await deleteUpload(id, options).catch((error: unknown) => {
        if (!(error instanceof ApiProblem && error.status === 404)) throw error;
      });
      // Messages keep its name.
      await Promise.all(
        [keys.uploads, keys.storage, ['room']].map((queryKey) => queries.invalidateQueries({ queryKey })),
      );
    },
  });
}
