/** Keyboard shortcuts. */
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { isMac } from './shortcut-keys.ts';

const ShortcutSheet = lazy(async () => ({ default: (await import('./shortcut-sheet.tsx')).ShortcutSheet }));

export function Shortcuts() {
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      const held = isMac ? event.metaKey : event.ctrlKey;
      if (held && event.key.toLowerCase() === 'j') {
        event.preventDefault();
        void navigate({ to: '/' });
      } else if (held && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        void navigate({ to: '/search' });
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

  return <Suspense>{open && <ShortcutSheet onClose={() => setOpen(false)} />}</Suspense>;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}
