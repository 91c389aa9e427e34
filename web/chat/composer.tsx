/** The composer; drafts and their files are stored. While an answer is streamed, Send becomes Stop. */
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Attachment } from '../../contract/attachments.ts';
import { AddFiles } from '../files/add-files.tsx';
import { attachedFiles, attachmentsOf, setAttached, useAttached } from '../files/attached.ts';
import { DropHint } from '../files/drop-hint.tsx';
import { addFiles, takePasted } from '../files/incoming.ts';
import { useText } from '../languages/text.ts';
import { Icon } from '../ui/icon.tsx';
import { keepDraft, readDraft } from './drafts.ts';
import { isTooLong, MessageField } from './message-field.tsx';
import { ModelPicker } from './model-picker.tsx';
import { QuotaLine } from './quota-line.tsx';

/** Loaded on demand. */
const AttachedList = lazy(async () => ({ default: (await import('../files/attached-list.tsx')).AttachedList }));

export interface ComposerProps {
  readonly room: number | 'new';
  /** Resolves to false if the question was not accepted; it is then restored in the composer. */
  readonly onSend: (content: string, attachments: readonly Attachment[]) => Promise<boolean>;
  /** The model that answers; null for the default of the plan. */
  readonly model: string | null;
  readonly onModel: (model: string | null) => void;
  /** Null while no answer is streamed. */
  readonly onStop: (() => void) | null;
}

export function Composer({ room, model, onModel, onSend, onStop }: ComposerProps) {
  const text = useText();
  const [value, setValue] = useState(() => readDraft(room));
  const area = useRef<HTMLTextAreaElement>(null);
  const files = useAttached(room);
  const attachments = attachmentsOf(files);
  const tooLong = isTooLong(value);
  const sendable = (value.trim() !== '' || files.length > 0) && !tooLong && attachments !== null;

  useEffect(() => setValue(readDraft(room)), [room]);
  useEffect(() => area.current?.focus({ preventScroll: true }), [room]);

  function change(next: string): void {
    setValue(next);
    keepDraft(room, next);
  }

  async function submit(): Promise<void> {
    if (!sendable || !navigator.onLine) return;
    const content = value;
    change('');
    setAttached(room, []);
    if (await onSend(content, attachments)) return;
    // What was typed and added meanwhile is kept below.
    const typed = readDraft(room);
    change(typed === '' ? content : `${content}\n\n${typed}`);
    // The message may have been accepted without a response.
    setAttached(room, [...files.map((file) => ({ ...file, unused: false })), ...attachedFiles(room)]);
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
        <Suspense>{files.length > 0 && <AttachedList place={room} />}</Suspense>
        <MessageField
          area={area}
          label={text('composer.message')}
          placeholder={text('composer.placeholder')}
          value={value}
          onChange={change}
          onEnter={() => {
            if (onStop === null) void submit();
          }}
          onEscape={() => onStop?.()}
          onPaste={(event) => takePasted(room, event)}
          className="px-3 pt-2 pb-1"
        />
        <div className="flex items-center gap-2 pt-1">
          <AddFiles onFiles={(chosen) => void addFiles(room, chosen)} />
          <ModelPicker model={model} onChoose={onModel} />
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
              className="ms-auto grid size-10 place-items-center rounded-[14px] bg-ink text-paper disabled:opacity-30"
            >
              <Icon name="up" />
            </button>
          ) : (
            <button
              type="button"
              aria-label={text('composer.stop')}
              title={text('composer.stop')}
              onClick={onStop}
              className="ms-auto grid size-10 place-items-center rounded-[14px] bg-ember-wash text-ember-ink"
            >
              <Icon name="stop" />
            </button>
          )}
        </div>
      </form>
      <QuotaLine />
      <DropHint place={room} />
    </div>
  );
}
