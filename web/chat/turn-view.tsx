/** A turn: the question, its answer, and actions. */
import { memo } from 'react';
import { useText } from '../languages/text.ts';
import { Answer } from './answer.tsx';
import { AnswerActions } from './answer-actions.tsx';
import { Question } from './question.tsx';
import type { Turn } from './turns.ts';

export const TurnView = memo(function TurnView({
  turn,
  onRegenerate,
  onChoose,
}: {
  readonly turn: Turn;
  readonly onRegenerate: (replyId: number) => void;
  readonly onChoose: (messageId: number) => void;
}) {
  const text = useText();
  const { question, answer } = turn;
  return (
    <div role="listitem">
      {question && (
        <article aria-label={text('you')} className="pb-[26px]">
          <Question content={question.content} />
        </article>
      )}
      {answer && (
        <article aria-label={text('model')} className="group/answer pb-[26px]">
          <Answer key={answer.id} message={answer} onRetry={() => onRegenerate(answer.id)} />
          <AnswerActions message={answer} onChoose={onChoose} onRegenerate={() => onRegenerate(answer.id)} />
        </article>
      )}
    </div>
  );
});
