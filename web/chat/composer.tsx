/** The composer: Enter sends, Shift+Enter adds a line, drafts are stored. While an answer is streamed, Send becomes Stop. */
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useText } from '../languages/text.ts';
import { Icon } from '../ui/icon.tsx';
import { keepDraft, readDraft } from './drafts.ts';
import { QuotaLine } from './quota-line.tsx';

const longestCodePoints = 32_000;

export interface ComposerProps {
  readonly room: number | 'new';
  /** Resolves to false if the text was not accepted; it is then restored in the composer. */
  readonly onSend: (content: string) => Promise<boolean>;
  /** Null while no answer is streamed. */
  readonly onStop: (() => void) | null;
}

export function Composer({ room, onSend, onStop }: ComposerProps) {
  const text = useText();
  const [value, setValue] = useState(() => readDraft(room));
  const area = useRef<HTMLTextAreaElement>(null);
  /** Time of the last `compositionend`: the Enter that caused it must not send. */
  const composedAt = useRef(-Infinity);
  const tooLong = [...value].length > longestCodePoints;
  const sendable = value.trim() !== '' && !tooLong;

  useEffect(() => setValue(readDraft(room)), [room]);
  useEffect(() => area.current?.focus({ preventScroll: true }), [room]);
  useLayoutEffect(() => fit(area.current), [value]);

  function change(next: string): void {
    setValue(next);
    keepDraft(room, next);
  }

  async function submit(): Promise<void> {
    if (!sendable || !navigator.onLine) return;
    const content = value;
    change('');
    if (await onSend(content)) return;
    // Text typed meanwhile is kept below.
    const typed = readDraft(room);
    change(typed === '' ? content : `${content}\n\n${typed}`);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Escape') onStop?.();
    // Safari ends the composition just before the key that ended it.
    const composing = event.nativeEvent.isComposing || event.timeStamp - composedAt.current < 50;
    if (event.key !== 'Enter' || event.shiftKey || composing) return;
    event.preventDefault();
    if (onStop === null) void submit();
  }

  return (
    <div className="mx-auto w-full max-w-[760px] px-4 pb-[max(12px,env(safe-area-inset-bottom))]">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
        className="rounded-[22px] border border-line bg-raised p-2 shadow-float has-[textarea:focus-visible]:border-faint"
      >
        <textarea
          ref={area}
          dir="auto"
          rows={1}
          aria-label={text('composer.message')}
          aria-invalid={tooLong}
          placeholder={text('composer.placeholder')}
          value={value}
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
          onCompositionEnd={(event) => (composedAt.current = event.timeStamp)}
          className="block max-h-[40dvh] w-full resize-none bg-transparent px-3 pt-2 pb-1 text-[16px] shadow-none! outline-none!"
        />
        <div className="flex items-center justify-end gap-2 pt-1">
          {tooLong && (
            <p role="alert" className="m-0 flex-1 px-3 text-[14px] text-bad">
              {text('composer.too-long')}
            </p>
          )}
          {onStop === null ? (
            <button
              type="submit"
              aria-label={text('composer.send')}
              title={text('composer.send')}
              disabled={!sendable}
              className="grid size-10 place-items-center rounded-[14px] bg-ink text-paper disabled:opacity-30"
            >
              <Icon name="up" />
            </button>
          ) : (
            <button
              type="button"
              aria-label={text('composer.stop')}
              title={text('composer.stop')}
              onClick={onStop}
              className="grid size-10 place-items-center rounded-[14px] bg-ember-wash text-ember-ink"
            >
              <Icon name="stop" />
            </button>
          )}
        </div>
      </form>
      <QuotaLine />
    </div>
  );
}

/** Fits the height to the text, for browsers without `field-sizing`. */
function fit(area: HTMLTextAreaElement | null): void {
  if (area === null) return;
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight}px`;
}
