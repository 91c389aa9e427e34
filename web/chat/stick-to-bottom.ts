/** Keeps the end of a conversation in view while text is added, unless the user scrolled up. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

/** Distance from the end that counts as the end. */
const nearPx = 48;
/** Distance of a question from the top of the view. */
const topPx = 16;
/** For this long after a layout change, scrolling is attributed to the browser. */
const settleMs = 200;
/** Scrolling within this time after a wheel, touch or key event is attributed to the user. */
const intentMs = 800;

export interface Sticking {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly lastTurn: RefObject<HTMLDivElement | null>;
  /** False after the user scrolled up. */
  readonly atEnd: boolean;
  readonly jumpToEnd: () => void;
  /** Stops following the end, as after a jump to an earlier turn. */
  readonly letGo: () => void;
}

/** While `holding`, what `lastTurn` points to is kept at the top instead, as a question whose answer is being written. */
export function useStickToBottom(holding: boolean): Sticking {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const lastTurn = useRef<HTMLDivElement>(null);
  const pinned = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const held = useRef(holding);
  useLayoutEffect(() => {
    // After a long answer the view is not at the end, so it does not follow.
    if (held.current && !holding) pinned.current = false;
    held.current = holding;
  }, [holding]);

  const snap = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    const top = held.current ? lastTurn.current?.getBoundingClientRect().top : undefined;
    box.scrollTop =
      top === undefined ? box.scrollHeight : box.scrollTop + top - box.getBoundingClientRect().top - topPx;
  }, []);

  const jumpToEnd = useCallback(() => {
    pinned.current = !held.current;
    setAtEnd(true);
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  }, []);

  const letGo = useCallback(() => {
    pinned.current = false;
    setAtEnd(false);
  }, []);

  useEffect(() => {
    const box = scroller.current;
    if (!box || !content.current) return;
    let lastTop = box.scrollTop;
    let laidOutAt = performance.now();
    let meantAt = -Infinity;

    function onScroll(): void {
      if (!box) return;
      const now = performance.now();
      const near = box.scrollHeight - box.scrollTop - box.clientHeight < nearPx;
      const movedUp = box.scrollTop < lastTop - 1;
      // Content that shrinks, or a composer that grows, moves the position up as well.
      const byPerson = now - laidOutAt > settleMs;
      const meant = now - meantAt < intentMs;
      if ((movedUp && (meant || (byPerson && !near))) || (held.current && meant)) pinned.current = false;
      else if (near && !held.current) pinned.current = true;
      else if (pinned.current) snap();
      lastTop = box.scrollTop;
      setAtEnd(pinned.current || near);
    }

    const observer = new ResizeObserver(() => {
      laidOutAt = performance.now();
      if (pinned.current) snap();
      lastTop = box.scrollTop;
    });
    observer.observe(content.current);
    observer.observe(box);
    const listening = new AbortController();
    const options = { passive: true, signal: listening.signal };
    box.addEventListener('scroll', onScroll, options);
    for (const kind of ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const)
      box.addEventListener(kind, () => (meantAt = performance.now()), options);
    return () => {
      observer.disconnect();
      listening.abort();
    };
  }, [snap]);

  return { scroller, content, lastTurn, atEnd, jumpToEnd, letGo };
}
