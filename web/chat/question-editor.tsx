/** Edits a question in place, loaded on demand. Text and files are stored as a draft until they are sent or cancelled. */
import { useEffect, useRef, useState } from 'react';
import type { Attachment } from '../../contract/attachments.ts';
import type { Message } from '../../contract/messages.ts';
import { AttachedList } from '../files/attached-list.tsx';
import { AddFiles } from '../files/add-files.tsx';
import { attachmentsOf, setAttached, uploadedFile, useAttached } from '../files/attached.ts';
import { addFiles, takePasted } from '../files/incoming.ts';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { editOf, keepDraft, readDraft } from './drafts.ts';
import { isTooLong, MessageField } from './message-field.tsx';

export interface QuestionEditorProps {
  readonly question: Message;
  /** Resolves to false if the question was not accepted; the editor then stays open. */
  readonly onSend: (content: string, attachments: readonly Attachment[]) => Promise<boolean>;
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
  const files = useAttached(draft);
  const attachments = attachmentsOf(files);
  const tooLong = isTooLong(value);
  const hasContent = value.trim() !== '' || files.length > 0;
  const sendable = !sending && hasContent && !tooLong && attachments !== null;

  // A draft that was found has its own files.
  useEffect(() => {
    const kept = question.attachments.filter(({ deleted }) => !deleted);
    if (focused)
      setAttached(
        draft,
        kept.map((file) => uploadedFile(file, 'ready')),
      );
  }, [focused, draft, question.attachments]);

  useEffect(() => {
    if (!focused) return;
    area.current?.focus();
    area.current?.setSelectionRange(-1, -1);
  }, [focused]);

  function close(): void {
    keepDraft(draft, '');
    setAttached(draft, []);
    onClose();
  }

  async function submit(): Promise<void> {
    if (!sendable || !navigator.onLine) return;
    setSending(true);
    if (await onSend(value, attachments)) close();
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
      {files.length > 0 && <AttachedList place={draft} />}
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
        onPaste={(event) => takePasted(draft, event)}
        className="px-2 py-0.5"
      />
      {tooLong && (
        <p role="alert" className="m-0 px-2 pt-1 text-[14px] text-bad">
          {text('composer.too-long')}
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-2 pt-2">
        <AddFiles onFiles={(chosen) => void addFiles(draft, chosen)} />
        <span className="flex-1" />
        <Button onClick={close}>{text('cancel')}</Button>
        <Button type="submit" kind="strong" disabled={!sendable}>
          {text('edit.send')}
        </Button>
      </div>
    </form>
  );
}
