/** The dialog that lists the keyboard shortcuts, loaded on demand. */
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { modifierKey } from './shortcut-keys.ts';

/** Text id and keys, as printed on the keyboard. */
const shortcuts: readonly (readonly [id: string, keys: readonly string[]])[] = [
  ['shortcut.new', [modifierKey, 'J']],
  ['shortcut.search', [modifierKey, 'K']],
  ['shortcut.find', [modifierKey, 'F']],
  ['shortcut.message', ['/']],
  ['shortcut.send', ['Enter']],
  ['shortcut.break', ['Shift', 'Enter']],
  ['shortcut.stop', ['Esc']],
  ['shortcut.sheet', [modifierKey, '/']],
];

export function ShortcutSheet({ onClose }: { readonly onClose: () => void }) {
  const text = useText();
  return (
    <Dialog title={text('shortcuts')} onClose={onClose}>
      <dl className="m-0 mb-5 grid grid-cols-[1fr_auto] gap-y-2.5">
        {shortcuts.map(([id, keys]) => (
          <div key={id} className="contents">
            <dt className="text-soft">{text(id)}</dt>
            <dd className="m-0 flex gap-1" dir="ltr">
              {keys.map((key) => (
                <kbd key={key} className="rounded-md border border-line bg-sunk px-1.5 font-sans text-[13px]">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <Button onClick={onClose}>{text('close')}</Button>
    </Dialog>
  );
}
