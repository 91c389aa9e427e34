/** Shows a question that was just asked: at the end of the conversation or, if so chosen, at the top of the view. */
import { useEffect, useState } from 'react';
import { isUnfinished } from '../live/apply-event.ts';
import { questionOnTop, usePreference } from '../settings/preferences.ts';
import type { Sticking } from './stick-to-bottom.ts';
import type { Turn } from './turns.ts';

/** True while the view must not follow the answer that is written. */
export function useHolding(last: Turn | undefined): boolean {
  return usePreference(questionOnTop) && last?.answers.some(isUnfinished) === true;
}

/** True while the last turn needs a screen to itself, so that its answer moves nothing. */
export function useOwnQuestion(
  last: Turn | undefined,
  outgoingCount: number,
  jumpToEnd: Sticking['jumpToEnd'],
): boolean {
  const keepOnTop = usePreference(questionOnTop);
  const lastId = last?.id ?? null;
  const [askedAfter, setAskedAfter] = useState<number | null>(null);

  useEffect(() => {
    if (outgoingCount === 0) return;
    jumpToEnd();
    setAskedAfter(lastId);
    // Only a question on its way counts, not the turn it becomes.
  }, [outgoingCount, jumpToEnd]);

  return keepOnTop && askedAfter !== null && lastId !== askedAfter;
}
