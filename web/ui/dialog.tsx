/** A modal dialog on the `dialog` element, which traps focus, closes on Escape and restores focus. */
import { useEffect, useId, useRef, type ReactNode } from 'react';

const widths = { usual: 'w-[min(448px,calc(100vw-32px))]', wide: 'w-[min(960px,calc(100vw-32px))]' } as const;

export function Dialog({
  title,
  size = 'usual',
  onClose,
  children,
  header,
}: {
  readonly title: string;
  readonly size?: keyof typeof widths;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Shown above the title. */
  readonly header?: ReactNode;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = element.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // Browsers return the focus only to a page that still has the dialog, which may be gone by now.
      if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
    };
  }, []);

  return (
    <dialog
      ref={element}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === event.currentTarget && onClose()}
      className={`m-auto ${widths[size]} rounded-[22px] border border-line bg-raised p-0 text-ink shadow-float backdrop:bg-black/40`}
    >
      <div className="p-7">
        {header}
        <h2 id={titleId} dir="auto" className="mb-2 text-[22px] leading-tight [overflow-wrap:anywhere]">
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
