/** An answer: its phase before there is text, the streamed text, or the reason of a failure. */
import type { Message } from '../../contract/messages.ts';
import { useLiveReply } from '../app/live.tsx';
import { useText } from '../languages/text.ts';
import { isUnfinished } from '../live/apply-event.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { Fallback } from './model-name.tsx';
import { Button } from '../ui/button.tsx';
import { Mark } from '../ui/mark.tsx';

export function Answer({ message, onRetry }: { readonly message: Message; readonly onRetry: () => void }) {
  const text = useText();
  const live = useLiveReply(message.id);
  const unfinished = isUnfinished(message);
  const source = unfinished ? (live?.text ?? message.content) : message.content;

  if (message.status === 'failed') {
    return (
      <div className="rounded-[14px] bg-bad-wash px-4 py-3" role="alert">
        <p dir="auto" className="m-0">
          <strong className="text-bad">{text('failed.title')}</strong> {message.content}
        </p>
        <Button onClick={onRetry} className="mt-2.5">
          {text('failed.retry')}
        </Button>
      </div>
    );
  }
  if (unfinished && source === '') {
    return (
      <div className="flex items-center gap-3 text-soft">
        <Mark size={26} thinking />
        {text(`phase.${live?.phase ?? 'queued'}`)}
      </div>
    );
  }
  return (
    <>
      <Markdown source={source} live={unfinished} />
      {message.status === 'cancelled' && <p className="m-0 mt-2 text-[14px] text-faint">{text('stopped')}</p>}
      <Fallback model={message.model} fallback_from={message.fallback_from} />
      {message.truncated && <p className="m-0 mt-2 text-[14px] text-faint">{text('truncated')}</p>}
    </>
  );
}
