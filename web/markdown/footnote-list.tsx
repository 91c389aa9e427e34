/** The list of footnotes below a text. */
import { useId, useMemo, type ReactNode } from 'react';
import { useText } from '../languages/text.ts';
import { FootnoteContext, goToTarget } from './footnote-reference.tsx';
import type { Footnote } from './footnotes.ts';
import { Inline } from './inline.tsx';

/** Provides `footnotes` to references in `children` and lists them below. */
export function WithFootnotes({
  footnotes,
  children,
}: {
  readonly footnotes: readonly Footnote[];
  readonly children: ReactNode;
}) {
  const text = useText();
  const prefix = useId();
  const order = footnotes.map(({ name }) => name).join(' ');
  const value = useMemo(() => {
    const names = order === '' ? [] : order.split(' ');
    return { prefix, numbers: new Map(names.map((name, index) => [name, index + 1])) };
  }, [prefix, order]);
  return (
    <FootnoteContext value={value}>
      {children}
      {footnotes.length > 0 && (
        <ol aria-label={text('footnotes')} className="footnotes border-t border-line pt-3 text-[14px] text-soft">
          {footnotes.map(({ name, number, tokens }) => (
            <li key={name} id={`${prefix}note-${number}`} tabIndex={-1} dir="auto">
              <Inline tokens={tokens} />{' '}
              <a href={`#${prefix}ref-${number}`} onClick={goToTarget} aria-label={text('footnote.back', { number })}>
                ↩
              </a>
            </li>
          ))}
        </ol>
      )}
    </FootnoteContext>
  );
}
