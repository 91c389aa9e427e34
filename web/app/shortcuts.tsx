/** Keyboard shortcuts and the sheet that shows them. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { isMac, modifierKey } from './shortcut-keys.ts';

/** What the sheet lists, each key as it is printed on the keyboard. */
const shortcuts: readonly (readonly [id: string, keys: readonly string[]])[] = [
  ['shortcut.new', [modifierKey, 'J']],
  ['shortcut.find', [modifierKey, 'F']],
  ['shortcut.message', ['/']],
  ['shortcut.send', ['Enter']],
  ['shortcut.break', ['Shift', 'Enter']],
  ['shortcut.stop', ['Esc']],
  ['shortcut.sheet', [modifierKey, '/']],
];

export function Shortcuts() {
  const text = useText();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      const held = isMac ? event.metaKey : event.ctrlKey;
      if (held && event.key.toLowerCase() === 'j') {
        event.preventDefault();
        void navigate({ to: '/' });
      } else if (held && event.key === '/') {
        event.preventDefault();
        setOpen((before) => !before);
      } else if (event.key === '/' && !held && !isTyping(event.target)) {
        event.preventDefault();
        document.querySelector<HTMLElement>('textarea')?.focus();
      }
    }
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [navigate]);

  if (!open) return null;
  return (
    <Dialog title={text('shortcuts')} onClose={() => setOpen(false)}>
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
      <Button onClick={() => setOpen(false)}>{text('close')}</Button>
    </Dialog>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}
