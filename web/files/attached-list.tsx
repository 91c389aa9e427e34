/** The files of a message that is being written: preview, progress or what went wrong, retry, remove. Loaded on demand. */
import { useEffect, useRef } from 'react';
import { useLive } from '../app/live.tsx';
import { percentText, useText, type Text } from '../languages/text.ts';
import { IconButton } from '../ui/button.tsx';
import { detach, retry } from './attach.ts';
import { useAttached, type AttachedFile, type FilePlace } from './attached.ts';
import { followUploads, readUnfinished } from './follow-uploads.ts';
import { sizeText } from './size-text.ts';
import { Thumbnail } from './thumbnail.tsx';

export function AttachedList({ place }: { readonly place: FilePlace }) {
  const text = useText();
  const { feed } = useLive();
  const files = useAttached(place);
  const list = useRef<HTMLUListElement>(null);
  const done = files.filter(({ id }) => id !== null).length;
  const unfinished = files.flatMap(({ id, state }) => (state === 'processing' ? [id] : [])).join(' ');

  useEffect(() => followUploads(feed, place), [feed, place]);
  // Its event may have come before the response to the upload.
  useEffect(() => readUnfinished(place), [place, unfinished]);

  // The list scrolls once it is long.
  useEffect(() => list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' }), [files.length]);

  /** The focus goes to the file that takes its place, or to the field. */
  function remove(key: string): void {
    const at = files.findIndex((file) => file.key === key);
    const field = list.current?.closest('form')?.querySelector('textarea');
    detach(place, key);
    requestAnimationFrame(() => {
      const buttons = list.current?.querySelectorAll<HTMLElement>('button[data-remove]');
      (buttons?.[Math.min(at, buttons.length - 1)] ?? field)?.focus();
    });
  }

  return (
    <>
      <ul
        ref={list}
        aria-label={text('files')}
        className="m-0 grid max-h-[30dvh] list-none grid-cols-[repeat(auto-fill,minmax(min(100%,230px),1fr))] gap-2 overflow-y-auto p-1"
      >
        {files.map((file) => (
          <Row key={file.key} file={file} onRetry={() => retry(place, file.key)} onRemove={() => remove(file.key)} />
        ))}
      </ul>
      <p role="status" className="sr-only">
        {text('files.uploaded', { done, count: files.length })}
      </p>
    </>
  );
}

function Row({
  file,
  onRetry,
  onRemove,
}: {
  readonly file: AttachedFile;
  readonly onRetry: () => void;
  readonly onRemove: () => void;
}) {
  const text = useText();
  const { name, state, progress, retryable } = file;
  const isWrong = state === 'stopped' || state === 'failed';
  return (
    <li className="flex min-w-0 items-center gap-2.5 rounded-[14px] border border-line bg-sunk p-1.5">
      <Thumbnail file={file} className="size-10 rounded-[9px]" />
      <div className="min-w-0 flex-1 leading-tight">
        <bdi className="block truncate text-[14px] font-semibold" title={name}>
          {name}
        </bdi>
        <span
          {...(isWrong && { role: 'alert' })}
          className={`block text-[13px] ${isWrong ? 'text-bad' : 'tabular text-soft'}`}
        >
          {stateText(file, text)}
        </span>
        {state === 'sending' && (
          <progress
            aria-label={text('files.progress', { name })}
            max={1}
            value={progress}
            className="upload-progress mt-1 block h-1 w-full"
          />
        )}
      </div>
      {state === 'stopped' && retryable && (
        <IconButton icon="again" size={18} label={text('files.retry', { name })} onClick={onRetry} />
      )}
      <IconButton icon="close" size={16} label={text('files.remove', { name })} onClick={onRemove} data-remove="" />
    </li>
  );
}

function stateText({ state, progress, size, problem }: AttachedFile, text: Text): string {
  if (state === 'stopped') return problem ?? text('files.not-uploaded');
  if (state === 'sending') return text('files.sending', { percent: percentText(Math.floor(progress * 100)) });
  return state === 'ready' ? sizeText(size) : text(`files.${state}`);
}
