/** The title of the tab, with a dot while there is an unseen answer. */
import { useEffect } from 'react';

let shown = '';
let marked = false;

function write(): void {
  const title = shown === '' ? 'Pollux' : `${shown} · Pollux`;
  document.title = marked ? `● ${title}` : title;
}

/** Sets the title of the tab. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    shown = title;
    write();
  }, [title]);
}

/** Adds or removes the dot. */
export function markTitle(mark: boolean): void {
  marked = mark;
  write();
}
