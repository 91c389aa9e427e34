/** A picture in full, with a button to save it; loaded on demand. */
import { useEffect, useState } from 'react';
import type { Attachment } from '../../contract/attachments.ts';
import { readContent } from '../api/uploads.ts';
import { download } from '../app/download.ts';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Mark } from '../ui/mark.tsx';

export function PictureDialog({
  file: { id, name },
  onClose,
}: {
  readonly file: Attachment;
  readonly onClose: () => void;
}) {
  const text = useText();
  const { url, failed } = useContent(id);
  return (
    <Dialog title={name} size="wide" onClose={onClose}>
      {failed ? (
        <p role="alert" className="m-0 text-soft">
          {text('files.not-opened')}
        </p>
      ) : (
        <div className="grid min-h-40 place-items-center">
          {url === null ? (
            <Mark size={32} thinking />
          ) : (
            <img src={url} alt={name} className="max-h-[68dvh] max-w-full rounded-[14px] border border-line" />
          )}
        </div>
      )}
      <div className="mt-5 flex flex-wrap gap-2">
        <Button onClick={onClose}>{text('close')}</Button>
        <Button onClick={() => void download(`/uploads/${id}/content`)}>{text('files.save')}</Button>
      </div>
    </Dialog>
  );
}

/** An object URL of the whole file; null while it is loading, and after a failure. */
function useContent(id: number): { readonly url: string | null; readonly failed: boolean } {
  const [url, setUrl] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const reading = new AbortController();
    let made: string | null = null;
    readContent(id, reading.signal).then(
      (blob) => {
        made = URL.createObjectURL(blob);
        setUrl(made);
      },
      () => setFailed(!reading.signal.aborted),
    );
    return () => {
      reading.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [id]);
  return { url, failed };
}
