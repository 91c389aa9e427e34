/** The title of the tab: what it shows, and a dot while an answer came that nobody has looked at. */
import { useEffect } from 'react';

let shown = '';
let marked = false;

function write(): void {
  const title = shown === '' ? 'Pollux' : `${shown} · Pollux`;
  document.title = marked ? `● ${title}` : title;
}

/** Names the tab after what it shows. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    shown = title;
    write();
  }, [title]);
}

/** Puts the dot before the title, or takes it away. */
export function markTitle(mark: boolean): void {
  marked = mark;
  write();
}
