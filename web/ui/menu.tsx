/** A menu button (WAI-ARIA APG): arrow keys move, Escape closes and returns focus to the button. */
import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Icon } from './icon.tsx';

export interface MenuItem {
  readonly label: string;
  readonly onSelect: () => void;
  readonly danger?: boolean;
  /** Of a choice between the entries. */
  readonly checked?: boolean;
}

const entry = '[role=menuitem], [role=menuitemradio]';

export function Menu({
  label,
  items,
  children,
  className = '',
  side = 'below',
  align = 'end',
}: {
  /** Accessible name of the button. */
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly children: ReactNode;
  readonly className?: string;
  readonly side?: 'above' | 'below';
  readonly align?: 'start' | 'end';
}) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  // Before the next key: an arrow may follow at once.
  useLayoutEffect(() => {
    if (!open) return;
    list.current?.querySelector<HTMLElement>(entry)?.focus();
    const closeOutside = (event: PointerEvent) => !root.current?.contains(event.target as Node) && setOpen(false);
    addEventListener('pointerdown', closeOutside);
    return () => removeEventListener('pointerdown', closeOutside);
  }, [open]);

  function close(): void {
    setOpen(false);
    root.current?.querySelector<HTMLElement>('button[aria-haspopup]')?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const entries = [...(list.current?.querySelectorAll<HTMLElement>(entry) ?? [])];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    const targets: Record<string, number> = {
      ArrowDown: (at + 1) % entries.length,
      ArrowUp: (at - 1 + entries.length) % entries.length,
      Home: 0,
      End: entries.length - 1,
    };
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab') setOpen(false);
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    entries[target]?.focus();
  }

  return (
    <div ref={root} className="relative">
      <button
        type="button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        className={className}
      >
        {children}
      </button>
      {open && (
        <div
          ref={list}
          id={id}
          role="menu"
          tabIndex={-1}
          aria-label={label}
          onKeyDown={onKeyDown}
          className={`absolute z-30 min-w-44 rounded-xl border border-line bg-raised p-1 shadow-float ${align === 'end' ? 'end-0' : 'start-0'} ${side === 'above' ? 'bottom-full mb-1' : 'top-full mt-1'}`}
        >
          {items.map(({ label: name, onSelect, danger, checked }) => (
            <button
              key={name}
              type="button"
              role={checked === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked={checked}
              tabIndex={-1}
              onClick={() => {
                close();
                onSelect();
              }}
              className={`flex min-h-9 w-full items-center justify-between gap-3 rounded-lg px-3 text-start hover:bg-sunk focus:bg-sunk pointer-coarse:min-h-10 ${danger ? 'text-bad' : ''}`}
            >
              {name}
              {checked && <Icon name="check" size={16} />}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
