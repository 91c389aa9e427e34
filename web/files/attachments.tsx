/** The files of a question: images as thumbnails, others by name and size; loaded on demand. */
import { lazy, Suspense, useState } from 'react';
import type { Attachment } from '../../contract/attachments.ts';
import { download } from '../app/download.ts';
import { useText } from '../languages/text.ts';
import { Icon } from '../ui/icon.tsx';
import { sizeText } from './size-text.ts';
import { Thumbnail } from './thumbnail.tsx';
import { isPicture } from './thumbnails.ts';

const PictureDialog = lazy(async () => ({ default: (await import('./picture-dialog.tsx')).PictureDialog }));

export function Attachments({ attachments }: { readonly attachments: readonly Attachment[] }) {
  const text = useText();
  return (
    <ul aria-label={text('files')} className="m-0 mb-1.5 flex list-none flex-wrap items-end justify-end gap-2 p-0">
      {attachments.map((file) => (
        <li key={file.id} className="min-w-0">
          <One file={file} />
        </li>
      ))}
    </ul>
  );
}

const chip = 'flex min-h-12 max-w-[280px] items-center gap-2.5 rounded-[14px] border border-line py-1.5 ps-1.5 pe-3.5';

function One({ file }: { readonly file: Attachment }) {
  const text = useText();
  const [shown, setShown] = useState(false);
  const { id, name, media_type, size, deleted } = file;
  if (deleted) {
    return (
      <div className={`${chip} border-dashed text-faint`}>
        <span className="grid size-9 place-items-center">
          <Icon name="file" />
        </span>
        <Named name={name} note={text('files.deleted')} />
      </div>
    );
  }
  if (isPicture(media_type)) {
    return (
      <>
        <button
          type="button"
          aria-label={text('files.open', { name })}
          title={name}
          onClick={() => setShown(true)}
          className="block rounded-[14px]"
        >
          <Thumbnail file={file} className="size-24 rounded-[14px]" />
        </button>
        <Suspense>{shown && <PictureDialog file={file} onClose={() => setShown(false)} />}</Suspense>
      </>
    );
  }
  return (
    <button
      type="button"
      title={name}
      onClick={() => void download(`/uploads/${id}/content`)}
      className={`${chip} bg-raised hover:bg-sunk`}
    >
      <Thumbnail file={file} className="size-9 rounded-[9px]" />
      <span className="sr-only">{text('files.save')}</span>
      <Named name={name} note={sizeText(size)} />
    </button>
  );
}

function Named({ name, note }: { readonly name: string; readonly note: string }) {
  return (
    <span className="min-w-0 text-start leading-tight">
      <bdi className="block truncate text-[14px] font-semibold">{name}</bdi>
      <span className="block text-[13px] text-soft">{note}</span>
    </span>
  );
}
