/** A small image of a file, or an icon for its kind. */
import { useState } from 'react';
import { Icon } from '../ui/icon.tsx';
import { isPicture, useThumbnail } from './thumbnails.ts';

export interface Pictured {
  readonly id: number | null;
  /** Of a file in a composer. */
  readonly key?: string;
  readonly media_type: string;
  /** Bytes. */
  readonly size: number;
}

export function Thumbnail({ file, className }: { readonly file: Pictured; readonly className: string }) {
  return isPicture(file.media_type) ? (
    <Picture file={file} className={className} />
  ) : (
    <KindIcon className={className} />
  );
}

function Picture({ file, className }: { readonly file: Pictured; readonly className: string }) {
  const url = useThumbnail(file);
  const [broken, setBroken] = useState(false);
  if (url === null || broken) return <KindIcon className={className} />;
  // The name stands beside it, or on its button.
  return (
    <img
      src={url}
      alt=""
      onError={() => setBroken(true)}
      className={`shrink-0 border border-line object-cover ${className}`}
    />
  );
}

function KindIcon({ className }: { readonly className: string }) {
  return (
    <span className={`grid shrink-0 place-items-center border border-line bg-raised text-faint ${className}`}>
      <Icon name="file" />
    </span>
  );
}
