/** Actions of a finished answer; always visible, dimmed unless the pointer is over the turn. */
import { useState } from 'react';
import type { Message } from '../../contract/messages.ts';
import { useText } from '../languages/text.ts';
import { isUnfinished } from '../live/apply-event.ts';
import { IconButton } from '../ui/button.tsx';
import { copyAnswer } from './copy-answer.ts';

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
  const { versions } = message;
  const [index, count] = [versions.indexOf(message.id), versions.length];
  // A failed answer has its own retry button.
  if (isUnfinished(message) || (message.status === 'failed' && count === 1)) return null;

  async function copy(button: Element): Promise<void> {
    await copyAnswer(message.content, button.closest('article')?.querySelector('.markdown') ?? null);
    setCopied(true);
    setTimeout(() => setCopied(false), copiedMs);
  }

  return (
    <div className="mt-2 -ms-1.5 flex items-center gap-1 text-faint transition-opacity duration-120 pointer-fine:opacity-60 pointer-fine:group-focus-within/answer:opacity-100 pointer-fine:group-hover/answer:opacity-100">
      {message.status !== 'failed' && (
        <IconButton
          icon={copied ? 'check' : 'copy'}
          size={18}
          label={text('copy')}
          onClick={(event) => void copy(event.currentTarget)}
        />
      )}
      {message.status !== 'failed' && (
        <IconButton icon="again" size={18} label={text('regenerate')} onClick={onRegenerate} />
      )}
      {count > 1 && (
        <div className="tabular flex items-center text-[14px]">
          <IconButton
            icon="previous"
            size={16}
            label={text('version.previous')}
            disabled={index === 0}
            onClick={() => onChoose(versions[index - 1]!)}
            className="rtl:-scale-x-100"
          />
          <span>
            {index + 1} / {count}
          </span>
          <IconButton
            icon="next"
            size={16}
            label={text('version.next')}
            disabled={index === count - 1}
            onClick={() => onChoose(versions[index + 1]!)}
            className="rtl:-scale-x-100"
          />
        </div>
      )}
    </div>
  );
}
