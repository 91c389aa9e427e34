/** Scrolls to a question that was just asked: to the end of the conversation or, by setting, to the top of the view. */
import { useEffect, useState } from 'react';
import { isUnfinished } from '../live/apply-event.ts';
import { questionOnTop, usePreference } from '../settings/preferences.ts';
import type { Sticking } from './stick-to-bottom.ts';
import type { Turn } from './turns.ts';

/** True while the view must not follow the streamed answer. */
export function useHolding(last: Turn | undefined): boolean {
  return usePreference(questionOnTop) && (last?.answer ? isUnfinished(last.answer) : false);
}

/** True while the last turn fills the view, so that its answer does not move it. */
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
    // Runs for a question being sent, not again for the turn that replaces it.
  }, [outgoingCount, jumpToEnd]);

  return keepOnTop && askedAfter !== null && lastId !== askedAfter;
}
