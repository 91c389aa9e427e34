/** Keeps the end of a conversation in view while text is added, unless the person scrolled up: scrolling up always wins. */
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';

/** Nearer to the end than this counts as being there. */
const nearPx = 48;

export interface Sticking {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  /** False once the person scrolled up. */
  readonly atEnd: boolean;
  readonly jumpToEnd: () => void;
}

export function useStickToBottom(): Sticking {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const pinned = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const jumpToEnd = useCallback(() => {
    pinned.current = true;
    setAtEnd(true);
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  }, []);

  useEffect(() => {
    const box = scroller.current;
    if (!box || !content.current) return;
    let lastTop = box.scrollTop;
    let lastHeight = box.scrollHeight;

    function onScroll(): void {
      if (!box) return;
      const near = box.scrollHeight - box.scrollTop - box.clientHeight < nearPx;
      // Content that shrinks moves the position up as well; only a person does so at the same height.
      const movedUp = box.scrollTop < lastTop - 1 && box.scrollHeight >= lastHeight;
      if (movedUp && !near) pinned.current = false;
      else if (near) pinned.current = true;
      lastTop = box.scrollTop;
      lastHeight = box.scrollHeight;
      setAtEnd(pinned.current);
    }

    const observer = new ResizeObserver(() => {
      if (pinned.current) box.scrollTop = box.scrollHeight;
      lastHeight = box.scrollHeight;
      lastTop = box.scrollTop;
    });
    observer.observe(content.current);
    observer.observe(box);
    box.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', onScroll);
    };
  }, []);

  return { scroller, content, atEnd, jumpToEnd };
}
