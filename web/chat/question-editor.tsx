/** Edits a question in place, loaded on demand. The edited text is stored as a draft until it is sent or cancelled. */
import { useEffect, useRef, useState } from 'react';
import type { Message } from '../../contract/messages.ts';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { editOf, keepDraft, readDraft } from './drafts.ts';
import { isTooLong, MessageField } from './message-field.tsx';

export interface QuestionEditorProps {
  readonly question: Message;
  /** Resolves to false if the text was not accepted; the editor then stays open. */
  readonly onSend: (content: string) => Promise<boolean>;
  readonly onClose: () => void;
  /** True when the user just opened it; false if a draft was found. */
  readonly focused: boolean;
}

export function QuestionEditor({ question, onSend, onClose, focused }: QuestionEditorProps) {
  const text = useText();
  const draft = editOf(question.id);
  const area = useRef<HTMLTextAreaElement>(null);
  const [value, setValue] = useState(() => readDraft(draft) || question.content);
  const [sending, setSending] = useState(false);
  const tooLong = isTooLong(value);
  const sendable = !sending && value.trim() !== '' && !tooLong;

  useEffect(() => {
    if (!focused) return;
    area.current?.focus();
    area.current?.setSelectionRange(-1, -1);
  }, [focused]);

  function close(): void {
    keepDraft(draft, '');
    onClose();
  }

  async function submit(): Promise<void> {
    if (!sendable || !navigator.onLine) return;
    setSending(true);
    if (await onSend(value)) close();
    else setSending(false);
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      className="rounded-[18px] rounded-ee-[5px] border border-line bg-raised p-2 has-[textarea:focus-visible]:border-faint"
    >
      <MessageField
        area={area}
        label={text('edit.question')}
        value={value}
        onChange={(next) => {
          setValue(next);
          keepDraft(draft, next);
        }}
        onEnter={() => void submit()}
        onEscape={close}
        className="px-2 py-0.5"
      />
      {tooLong && (
        <p role="alert" className="m-0 px-2 pt-1 text-[14px] text-bad">
          {text('composer.too-long')}
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-2 pt-2">
        <Button onClick={close}>{text('cancel')}</Button>
        <Button type="submit" kind="strong" disabled={!sendable}>
          {text('edit.send')}
        </Button>
      </div>
    </form>
  );
}
