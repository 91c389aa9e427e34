/** Actions of a finished answer; always visible, buttons dimmed unless the pointer is over the turn. */
import { useState } from 'react';
import type { Message } from '../../contract/messages.ts';
import { useText } from '../languages/text.ts';
import { isUnfinished } from '../live/apply-event.ts';
import { IconButton } from '../ui/button.tsx';
import { copyAnswer } from './copy-answer.ts';
import { FeedbackButtons } from './feedback-buttons.tsx';
import { ModelName } from './model-name.tsx';
import { RememberButton } from './remember-button.tsx';
import { Versions } from './versions.tsx';

const copiedMs = 1500;

export function AnswerActions({
  message,
  onChoose,
  onRegenerate,
}: {
  readonly message: Message;
  /** Shows the path through another version. */
  readonly onChoose: (messageId: number) => void;
  readonly onRegenerate: () => void;
}) {
  const text = useText();
  const [copied, setCopied] = useState(false);
  // A failed answer has its own retry button.
  if (isUnfinished(message) || (message.status === 'failed' && message.versions.length === 1)) return null;

  async function copy(button: Element): Promise<void> {
    await copyAnswer(message.content, button.closest('article')?.querySelector('.markdown') ?? null);
    setCopied(true);
    setTimeout(() => setCopied(false), copiedMs);
  }

  const hasText = message.status !== 'failed' && message.content !== '';
  return (
    <div className="mt-2 -ms-1.5 flex flex-wrap items-center gap-1 text-faint pointer-fine:[&_button]:opacity-60 pointer-fine:group-focus-within/answer:[&_button]:opacity-100 pointer-fine:group-hover/answer:[&_button]:opacity-100">
      {message.status !== 'failed' && (
        <IconButton
          icon={copied ? 'check' : 'copy'}
          size={18}
          label={text('copy')}
          onClick={(event) => void copy(event.currentTarget)}
        />
      )}
      {hasText && <FeedbackButtons message={message} />}
      {message.status !== 'failed' && (
        <IconButton icon="again" size={18} label={text('regenerate')} onClick={onRegenerate} />
      )}
      {hasText && <RememberButton content={message.content} />}
      {hasText && <ModelName model={message.model} />}
      <Versions message={message} onChoose={onChoose} />
    </div>
  );
}
