/** Shown over the page while files are dragged over it. */
import { useText } from '../languages/text.ts';
import type { FilePlace } from './attached.ts';
import { useDropped } from './incoming.ts';

export function DropHint({ place }: { readonly place: FilePlace }) {
  const text = useText();
  if (!useDropped(place)) return null;
  return (
    <div className="pointer-events-none fixed inset-3 z-50 grid place-items-center rounded-[22px] border-2 border-dashed border-ember bg-paper/85 text-[19px] font-semibold">
      {text('files.drop')}
    </div>
  );
}
