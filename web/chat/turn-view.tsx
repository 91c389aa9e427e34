/** A turn: the question, its answer, and actions. */
import { memo } from 'react';
import { useText } from '../languages/text.ts';
import { Answer } from './answer.tsx';
import { AnswerActions } from './answer-actions.tsx';
import { Asked, type AskedProps } from './asked.tsx';
import type { Turn } from './turns.ts';
import { labelOf, useModels } from './use-models.ts';

export const TurnView = memo(function TurnView({
  turn,
  onRegenerate,
  onChoose,
  onEdit,
}: {
  readonly turn: Turn;
  readonly onRegenerate: (replyId: number) => void;
  readonly onChoose: (messageId: number) => void;
  readonly onEdit: AskedProps['onEdit'];
}) {
  const text = useText();
  const { question, answer } = turn;
  const models = useModels();
  const isNamed = answer !== null && answer.model !== null && models.length > 0;
  const author = isNamed ? text('answer.by', { name: labelOf(models, answer.model!) }) : text('model');
  return (
    <div role="listitem">
      {question && (
        <article data-message={question.id} tabIndex={-1} aria-label={text('you')} className="group/question pb-[26px]">
          <Asked key={question.id} question={question} onChoose={onChoose} onEdit={onEdit} />
        </article>
      )}
      {answer && (
        <article data-message={answer.id} tabIndex={-1} aria-label={author} className="group/answer pb-[26px]">
          <Answer key={answer.id} message={answer} onRetry={() => onRegenerate(answer.id)} />
          <AnswerActions message={answer} onChoose={onChoose} onRegenerate={() => onRegenerate(answer.id)} />
        </article>
      )}
    </div>
  );
});
