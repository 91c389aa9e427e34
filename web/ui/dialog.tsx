/** A modal dialog on the `dialog` element, which traps focus, closes on Escape and restores focus. */
import { useEffect, useId, useRef, type ReactNode } from 'react';

export function Dialog({
  title,
  onClose,
  children,
  header,
}: {
  readonly title: string;
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
      className="m-auto w-[min(448px,calc(100vw-32px))] rounded-[22px] border border-line bg-raised p-0 text-ink shadow-float backdrop:bg-black/40"
    >
      <div className="p-7">
        {header}
        <h2 id={titleId} className="mb-2 text-[22px] leading-tight">
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
