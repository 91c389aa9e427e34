/** Shows a message that the address names, loaded on demand: on the path that is shown, or on its own branch. */
import { useEffect, useRef } from 'react';
import { bringIntoView } from './bring-into-view.ts';
import type { Turn } from './turns.ts';

export interface JumpToMessageProps {
  readonly messageId: number;
  readonly turns: readonly Turn[];
  /** Loads older messages; null if there are none or while loading. */
  readonly onOlder: (() => void) | null;
  /** The first message of the path is among `turns`. */
  readonly complete: boolean;
  /** Shows the path through a message. */
  readonly onChoose: (messageId: number) => void;
  /** Scrolls to the turn; returns the list. */
  readonly onShow: (turnId: number) => HTMLElement | null;
}

export function JumpToMessage({ messageId, turns, onOlder, complete, onChoose, onShow }: JumpToMessageProps) {
  const chosen = useRef(false);
  const shown = useRef(false);
  const turnId = turns.find(({ question, answer }) => question?.id === messageId || answer?.id === messageId)?.id;
  const oldest = turns[0]?.question?.id ?? turns[0]?.answer?.id;

  useEffect(() => {
    if (shown.current || turnId !== undefined || oldest === undefined) return;
    // Ids grow along a path, so an older message may still be on an older page.
    if (messageId < oldest && !complete) return onOlder?.();
    if (!chosen.current) onChoose(messageId);
    chosen.current = true;
  }, [messageId, turnId, oldest, complete, onOlder, onChoose]);

  useEffect(() => {
    if (shown.current || turnId === undefined) return;
    shown.current = true;
    const list = onShow(turnId);
    return list === null ? undefined : bringIntoView(list, `[data-message="${messageId}"]`);
  }, [messageId, turnId, onShow]);

  return null;
}
