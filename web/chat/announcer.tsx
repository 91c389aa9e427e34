/** Announces phases and completion to screen readers, but not streamed text. */
import { useLiveReply } from '../app/live.tsx';
import { useText } from '../languages/text.ts';
import type { Turn } from './turns.ts';

export function Announcer({ turn }: { readonly turn: Turn | undefined }) {
  const text = useText();
  const answer = turn?.answer;
  const live = useLiveReply(answer?.id ?? 0);
  const phase = live?.phase ?? answer?.status;
  const spoken = phase === undefined || phase === 'complete' || phase === 'failed' || phase === 'cancelled';
  return (
    <div role="status" className="sr-only">
      {phase === undefined
        ? ''
        : text(spoken ? `announce.${phase}` : `phase.${phase === 'generating' ? 'thinking' : phase}`)}
    </div>
  );
}
