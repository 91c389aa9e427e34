/** The conversation: finished turns in a virtual list, the last one below it in normal flow; the end is kept in view. */
import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { useText } from '../languages/text.ts';
import type { AskedProps } from './asked.tsx';
import { Announcer } from './announcer.tsx';
import { useOutgoing } from './outbox.ts';
import { Question } from './question.tsx';
import { useHolding, useOwnQuestion } from './question-on-top.ts';
import { useStickToBottom } from './stick-to-bottom.ts';
import { TurnView } from './turn-view.tsx';
import { useFinding } from './use-finding.ts';
import { useSettled } from './use-settled.ts';
import type { Turn } from './turns.ts';
import { Icon } from '../ui/icon.tsx';
import { Button } from '../ui/button.tsx';

/** Loaded on demand. */
const JumpToMessage = lazy(async () => ({ default: (await import('./jump-to-message.tsx')).JumpToMessage }));
const FindBar = lazy(async () => ({ default: (await import('./find-bar.tsx')).FindBar }));

export interface ConversationProps {
  readonly roomId: number;
  readonly turns: readonly Turn[];
  /** A message that the address names. */
  readonly target: number | null;
  readonly loading: boolean;
  readonly failed: boolean;
  readonly onRetryLoad: () => void;
  /** Loads older messages; null if there are none or while loading. */
  readonly onOlder: (() => void) | null;
  /** The first message is loaded. */
  readonly complete: boolean;
  readonly onRegenerate: (replyId: number) => void;
  /** Shows the path through a message. */
  readonly onChoose: (messageId: number) => void;
  readonly onEdit: AskedProps['onEdit'];
}

/** Overscan: scrolling with the wheel must not reach a turn whose height is only estimated. */
const measureAheadPx = 800;
/** Distance from the top at which older messages are loaded. */
const readAheadPx = 1600;

export function Conversation({
  roomId,
  turns,
  target,
  loading,
  failed,
  onRetryLoad,
  onOlder,
  complete,
  onRegenerate,
  onChoose,
  onEdit,
}: ConversationProps) {
  const text = useText();
  const last = turns.at(-1);
  const { scroller, content, lastTurn, atEnd, jumpToEnd, letGo } = useStickToBottom(useHolding(last));
  const list = useRef<VirtualizerHandle>(null);
  const settled = useSettled(content, turns.length > 0);
  const outgoing = useOutgoing(roomId);
  const history = turns.slice(0, -1);
  const firstId = turns[0]?.id;
  const shownFirst = useRef(firstId);
  const prepended = firstId !== undefined && shownFirst.current !== undefined && firstId < shownFirst.current;
  useLayoutEffect(() => {
    shownFirst.current = firstId;
  }, [firstId]);

  const onTop = useOwnQuestion(last, outgoing.length, jumpToEnd);
  const [finding, setFinding] = useFinding();
  const shown = useRef(history);
  shown.current = history;
  const shownLast = useRef(last);
  shownLast.current = last;
  const showTurn = useCallback(
    (turnId: number) => {
      const index = shown.current.findIndex(({ id }) => id === turnId);
      if (index === -1) return jumpToEnd();
      letGo();
      list.current?.scrollToIndex(index, { align: 'center' });
    },
    [jumpToEnd, letGo],
  );

  // The view stays at the question whose version changes, while arrows below the last answer stay at the end.
  const choose = useCallback(
    (messageId: number) => {
      if (!shownLast.current?.answer?.versions.includes(messageId)) letGo();
      onChoose(messageId);
    },
    [letGo, onChoose],
  );
  // The turn that replaces an edited one gets its focus.
  const edited = useRef(false);
  useEffect(() => {
    if (edited.current) lastTurn.current?.querySelector('button')?.focus({ preventScroll: true });
    edited.current = false;
  }, [lastTurn, last?.id]);
  const edit = useCallback<AskedProps['onEdit']>(
    async (question, content, attachments) => {
      edited.current = true;
      const accepted = await onEdit(question, content, attachments);
      if (accepted) jumpToEnd();
      else edited.current = false;
      return accepted;
    },
    [jumpToEnd, onEdit],
  );

  const showAlone = useCallback(
    (turnId: number) => {
      showTurn(turnId);
      letGo();
      return content.current;
    },
    [content, letGo, showTurn],
  );

  function onScroll(): void {
    if (scroller.current && scroller.current.scrollTop < readAheadPx) onOlder?.();
  }

  return (
    <div className="relative min-h-0 flex-1">
      <Suspense>
        {finding && (
          <FindBar
            turns={turns}
            onShow={showTurn}
            onOlder={onOlder}
            complete={complete}
            onClose={() => setFinding(false)}
          />
        )}
        {target !== null && settled && (
          <JumpToMessage
            key={target}
            messageId={target}
            turns={turns}
            onOlder={onOlder}
            complete={complete}
            onChoose={onChoose}
            onShow={showAlone}
          />
        )}
      </Suspense>
      <div
        ref={scroller}
        onScroll={onScroll}
        className="h-full [container-type:size] overflow-y-auto overscroll-contain [overflow-anchor:none]"
      >
        <div
          ref={content}
          role="list"
          aria-label={text('conversation')}
          className={`mx-auto max-w-[760px] px-4 pt-4 pb-8 sm:px-6 ${turns.length > 0 && !settled ? 'invisible' : ''}`}
        >
          {loading && <p className="text-center text-faint">{text('loading')}</p>}
          {failed && (
            <p role="alert" className="text-center text-soft">
              {text('conversation.failed')} <Button onClick={onRetryLoad}>{text('notice.retry')}</Button>
            </p>
          )}
          <Virtualizer ref={list} scrollRef={scroller} shift={prepended} startMargin={16} bufferSize={measureAheadPx}>
            {history.map((turn) => (
              <TurnView key={turn.id} turn={turn} onRegenerate={onRegenerate} onChoose={choose} onEdit={edit} />
            ))}
          </Virtualizer>
          {last && (
            <div ref={lastTurn} className={onTop ? 'min-h-[calc(100cqh-40px)]' : undefined}>
              <TurnView key={last.id} turn={last} onRegenerate={onRegenerate} onChoose={choose} onEdit={edit} />
            </div>
          )}
          {outgoing.map(({ key, asking, attachments }) => (
            <div key={key} role="listitem" className="pb-[26px] opacity-60">
              <Question content={asking.content} attachments={attachments} />
            </div>
          ))}
        </div>
      </div>
      {!atEnd && (
        <button
          type="button"
          onClick={jumpToEnd}
          className="absolute bottom-3 left-1/2 flex min-h-9 -translate-x-1/2 items-center gap-1.5 rounded-full border border-line bg-raised px-3 text-[14px] font-semibold shadow-float pointer-coarse:min-h-10"
        >
          <Icon name="down" size={16} />
          {text('jump')}
        </button>
      )}
      <Announcer turn={last} />
    </div>
  );
}
