/** A turn: the question, the selected version of its answer, and actions. */
import { memo, useState } from 'react';
import { useText } from '../languages/text.ts';
import { Answer } from './answer.tsx';
import { AnswerActions } from './answer-actions.tsx';
import { Question } from './question.tsx';
import type { Turn } from './turns.ts';

export const TurnView = memo(function TurnView({
  turn,
  onRegenerate,
}: {
  readonly turn: Turn;
  readonly onRegenerate: (replyId: number) => void;
}) {
  const text = useText();
  const [chosen, setChosen] = useState<number | null>(null);
  const newest = turn.answers.length - 1;
  // Select a version that was just requested.
  const [count, setCount] = useState(turn.answers.length);
  if (count !== turn.answers.length) {
    setCount(turn.answers.length);
    setChosen(null);
  }
  const index = chosen ?? newest;
  const answer = turn.answers[index];

  return (
    <div role="listitem">
      {turn.question && (
        <article aria-label={text('you')} className="pb-[26px]">
          <Question content={turn.question.content} />
        </article>
      )}
      {answer && (
        <article aria-label={text('model')} className="group/answer pb-[26px]">
          <Answer key={answer.id} message={answer} onRetry={() => onRegenerate(answer.id)} />
          <AnswerActions
            message={answer}
            index={index}
            count={turn.answers.length}
            onChoose={setChosen}
            onRegenerate={() => onRegenerate(answer.id)}
          />
        </article>
      )}
    </div>
  );
});
