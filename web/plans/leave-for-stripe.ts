/** Opens a page of Stripe; further clicks while it opens do nothing. */
import { useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { useText } from '../languages/text.ts';
import { showToast } from '../ui/toast.tsx';

export interface Leaving {
  readonly busy: boolean;
  readonly leaveFor: (open: () => Promise<{ url: string }>) => Promise<void>;
}

export function useLeaving(): Leaving {
  const text = useText();
  const [busy, setBusy] = useState(false);
  return {
    busy,
    async leaveFor(open) {
      setBusy(true);
      try {
        location.assign((await open()).url);
      } catch (error) {
        setBusy(false);
        showToast({ message: error instanceof ApiProblem ? error.message : text('notice.away') });
      }
    },
  };
}
