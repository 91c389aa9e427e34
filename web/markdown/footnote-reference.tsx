/** A footnote number in the text, linked to its footnote. */
import { createContext, use, type MouseEvent, type ReactNode } from 'react';
import { useText } from '../languages/text.ts';
import type { ReferenceToken } from './footnotes.ts';

interface Footnotes {
  /** Makes ids unique on the page. */
  readonly prefix: string;
  readonly numbers: ReadonlyMap<string, number>;
}

export const FootnoteContext = createContext<Footnotes>({ prefix: '', numbers: new Map() });

/** The number of a footnote; its source while it has no number. */
export function FootnoteReference({ token }: { readonly token: ReferenceToken }): ReactNode {
  const text = useText();
  const { prefix, numbers } = use(FootnoteContext);
  const number = numbers.get(token.name);
  if (number === undefined) return token.raw;
  return (
    <sup>
      <a
        id={`${prefix}ref-${number}`}
        href={`#${prefix}note-${number}`}
        onClick={goToTarget}
        aria-label={text('footnote', { number })}
        className="px-0.5 text-ember-ink"
      >
        {number}
      </a>
    </sup>
  );
}

/** Scrolls to an element and focuses it, without changing the page's address. */
export function goToTarget(event: MouseEvent<HTMLAnchorElement>): void {
  event.preventDefault();
  const target = document.getElementById(event.currentTarget.getAttribute('href')!.slice(1));
  target?.scrollIntoView({ block: 'center' });
  target?.focus({ preventScroll: true });
}
