/** Loads more of a list when its end scrolls into view. */
import { useEffect, useRef } from 'react';

/** For an element below the list. `more` is null if there is no more, or while it is loading. */
export function useReachingEnd(more: (() => unknown) | null) {
  const end = useRef<HTMLDivElement>(null);
  const latest = useRef(more);
  latest.current = more;
  const waiting = more !== null;

  useEffect(() => {
    if (!end.current || !waiting) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && latest.current?.());
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [waiting]);

  return end;
}
