/** Detects when a list that measures its items has a stable height, so that it can be shown without jumps. */
import { useEffect, useState, type RefObject } from 'react';

/** Frames without a change of height after which it is stable. */
const restingFrames = 2;
/** Upper limit of the wait; a background tab gets no frames. */
const longestMs = 500;

/** False until `content` keeps its height, counted from when `filled` is true; true from then on. */
export function useSettled(content: RefObject<HTMLElement | null>, filled: boolean): boolean {
  const [settled, setSettled] = useState(false);

  useEffect(() => {
    if (!filled) return;
    let height = -1;
    let same = 0;
    function look(): void {
      const now = content.current?.offsetHeight ?? 0;
      same = now === height ? same + 1 : 0;
      height = now;
      if (same >= restingFrames) setSettled(true);
      else frame = requestAnimationFrame(look);
    }
    let frame = requestAnimationFrame(look);
    const timer = setTimeout(() => setSettled(true), longestMs);
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [content, filled]);

  return settled;
}
