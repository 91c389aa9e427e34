/** Changes that an administrator makes on a page, one at a time. */
import { useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { queries } from '../app/queries.ts';
import { useText } from '../languages/text.ts';
import { showToast } from '../ui/toast.tsx';

/** Whether one is being made, and a function that makes one: a failure is shown, and afterwards the pages are read again. */
export function useAttempt(): [busy: boolean, attempt: (work: () => Promise<unknown>) => Promise<void>] {
  const text = useText();
  const [busy, setBusy] = useState(false);

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      showToast({ message: (error instanceof ApiProblem && error.message) || text('admin.failed') });
    }
    setBusy(false);
    await queries.invalidateQueries({ queryKey: ['admin'] });
  }

  return [busy, attempt];
}
