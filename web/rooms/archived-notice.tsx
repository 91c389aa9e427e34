/** The notice in an archived room, with a button to restore it. Loaded on demand. */
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { mark } from './change-room.ts';

export function ArchivedNotice({ roomId }: { readonly roomId: number }) {
  const text = useText();
  return (
    <div className="mx-auto mb-2 w-full max-w-[760px] px-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-[14px] bg-sunk px-4 py-2.5">
        <p className="m-0 min-w-52 flex-1 text-[14px] text-soft">{text('archived.this')}</p>
        <Button onClick={() => void mark(roomId, { archived: false })}>{text('unarchive')}</Button>
      </div>
    </div>
  );
}
