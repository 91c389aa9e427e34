/** A question that was asked: it can be edited in place, which asks a further version of it. */
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { Attachment } from '../../contract/attachments.ts';
import type { Message } from '../../contract/messages.ts';
import { useText } from '../languages/text.ts';
import { IconButton } from '../ui/button.tsx';
import { editOf, readDraft } from './drafts.ts';
import { Question } from './question.tsx';
import { RememberButton } from './remember-button.tsx';
import { Versions } from './versions.tsx';

const QuestionEditor = lazy(async () => ({ default: (await import('./question-editor.tsx')).QuestionEditor }));

export interface AskedProps {
  readonly question: Message;
  /** Shows the path through another version. */
  readonly onChoose: (messageId: number) => void;
  /** Resolves to false if the edited question was not accepted. */
  readonly onEdit: (question: Message, content: string, attachments: readonly Attachment[]) => Promise<boolean>;
}

export function Asked({ question, onChoose, onEdit }: AskedProps) {
  const text = useText();
  const actions = useRef<HTMLDivElement>(null);
  // An edit continues after a reload, and after its turn was scrolled out of the list.
  const [editing, setEditing] = useState<'asked' | 'found' | 'closed' | false>(
    readDraft(editOf(question.id)) !== '' && 'found',
  );

  useEffect(() => {
    if (editing === 'closed') actions.current?.querySelector('button')?.focus({ preventScroll: true });
  }, [editing]);

  const shown = (
    <>
      <Question content={question.content} attachments={question.attachments} />
      <div
        ref={actions}
        className="mt-1 -me-1.5 flex items-center justify-end gap-1 text-faint pointer-fine:[&_button]:opacity-60 pointer-fine:group-focus-within/question:[&_button]:opacity-100 pointer-fine:group-hover/question:[&_button]:opacity-100"
      >
        <IconButton icon="pencil" size={18} label={text('edit')} onClick={() => setEditing('asked')} />
        {question.content !== '' && <RememberButton content={question.content} />}
        <Versions message={question} onChoose={onChoose} />
      </div>
    </>
  );
  if (editing === false || editing === 'closed') return shown;
  return (
    <Suspense fallback={shown}>
      <QuestionEditor
        question={question}
        focused={editing === 'asked'}
        onSend={(content, attachments) => onEdit(question, content, attachments)}
        onClose={() => setEditing('closed')}
      />
    </Suspense>
  );
}
