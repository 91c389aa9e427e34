/** The field of a message: grows with its text, Enter sends, Shift+Enter adds a line. */
import { useLayoutEffect, useRef, type ClipboardEvent, type KeyboardEvent, type RefObject } from 'react';

const longestCodePoints = 32_000;

/** What the server refuses. */
export function isTooLong(value: string): boolean {
  return [...value].length > longestCodePoints;
}

export interface MessageFieldProps {
  readonly area: RefObject<HTMLTextAreaElement | null>;
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly onChange: (value: string) => void;
  readonly onEnter: () => void;
  readonly onEscape: () => void;
  readonly onPaste: (event: ClipboardEvent<HTMLTextAreaElement>) => void;
  readonly className?: string;
}

export function MessageField({
  area,
  label,
  value,
  placeholder,
  onChange,
  onEnter,
  onEscape,
  onPaste,
  className = '',
}: MessageFieldProps) {
  /** Time of the last `compositionend`: the Enter that caused it must not send. */
  const composedAt = useRef(-Infinity);
  useLayoutEffect(() => fit(area.current), [area, value]);

  function onKeyDown(event: KeyboardEvent): void {
    // Safari ends the composition just before the key that ended it.
    const composing = event.nativeEvent.isComposing || event.timeStamp - composedAt.current < 50;
    if (composing) return;
    if (event.key === 'Escape') onEscape();
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    onEnter();
  }

  return (
    <textarea
      ref={area}
      dir="auto"
      rows={1}
      aria-label={label}
      aria-invalid={isTooLong(value)}
      {...(placeholder !== undefined && { placeholder })}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
      onCompositionEnd={(event) => (composedAt.current = event.timeStamp)}
      className={`block max-h-[40dvh] w-full resize-none bg-transparent text-[16px] shadow-none! outline-none! ${className}`}
    />
  );
}

/** Fits the height to the text, for browsers without `field-sizing`. */
function fit(area: HTMLTextAreaElement | null): void {
  if (area === null) return;
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight}px`;
}
