/** Searches the whole conversation: the browser's own search sees only the rendered part of a virtual list. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { useText } from '../languages/text.ts';
import { IconButton } from '../ui/button.tsx';
import type { Turn } from './turns.ts';

/** Maximum of turns loaded for a search; the bar shows when it is reached. */
const mostTurns = 5000;

export interface FindBarProps {
  readonly turns: readonly Turn[];
  /** Scrolls to a turn. */
  readonly onShow: (turnId: number) => void;
  /** Loads older messages; null if there are none or while loading. */
  readonly onOlder: (() => void) | null;
  /** The first message of the conversation is among `turns`. */
  readonly complete: boolean;
  readonly onClose: () => void;
}

export function FindBar({ turns, onShow, onOlder, complete, onClose }: FindBarProps) {
  const text = useText();
  const field = useRef<HTMLInputElement>(null);
  const [wanted, setWanted] = useState('');
  const [at, setAt] = useState(0);
  const hits = useMemo(() => findTurns(turns, wanted), [turns, wanted]);
  const current = hits[Math.min(at, hits.length - 1)];

  const searching = wanted.trim() !== '' && !complete;
  const reading = searching && turns.length < mostTurns;

  useEffect(() => field.current?.focus(), []);
  // Loads the whole conversation for the search.
  useEffect(() => {
    if (reading) onOlder?.();
  }, [reading, onOlder]);
  useEffect(() => {
    if (current === undefined) return;
    onShow(current);
    return highlight(wanted);
  }, [current, wanted, onShow]);

  function move(by: number): void {
    if (hits.length > 0) setAt((Math.min(at, hits.length - 1) + by + hits.length) % hits.length);
  }

  function statusText(): string {
    if (hits.length > 0) return `${Math.min(at, hits.length - 1) + 1} / ${hits.length}${searching ? '+' : ''}`;
    if (reading) return text('find.searching');
    return searching ? text('find.none-in-newest', { count: turns.length }) : text('find.none');
  }

  return (
    <div
      role="search"
      className="absolute end-4 top-2 z-20 flex max-w-[calc(100%-32px)] items-center gap-1 rounded-2xl border border-line bg-raised p-1.5 shadow-float"
    >
      <input
        ref={field}
        type="search"
        dir="auto"
        aria-label={text('find')}
        placeholder={text('find')}
        value={wanted}
        onChange={(event) => {
          setWanted(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
          if (event.key === 'Enter') move(event.shiftKey ? -1 : 1);
        }}
        className="w-44 min-w-0 flex-1 bg-transparent px-2 shadow-none! outline-none!"
      />
      <span role="status" className="tabular min-w-14 shrink-0 text-center text-[13px] text-faint">
        {wanted !== '' && statusText()}
      </span>
      <IconButton icon="up" size={16} label={text('find.previous')} onClick={() => move(-1)} />
      <IconButton icon="down" size={16} label={text('find.next')} onClick={() => move(1)} />
      <IconButton icon="close" size={16} label={text('close')} onClick={onClose} />
    </div>
  );
}

/** Ids of turns whose question or newest answer contains the words, latest first. */
function findTurns(turns: readonly Turn[], wanted: string): number[] {
  const needle = wanted.trim().toLocaleLowerCase();
  if (needle === '') return [];
  const holds = (words: string | undefined) => words?.toLocaleLowerCase().includes(needle) === true;
  return turns
    .flatMap(({ id, question, answer }) => (holds(question?.content) || holds(answer?.content) ? [id] : []))
    .toReversed();
}

/** Highlights the words without changing the DOM (CSS Custom Highlight API); returns a function that removes the highlights. */
function highlight(wanted: string): () => void {
  const registry = CSS.highlights as HighlightRegistry | undefined;
  if (registry === undefined) return () => {};
  const mark = () => registry.set('find', new Highlight(...rangesOf(wanted.trim().toLocaleLowerCase())));
  mark();
  // Turns that scroll into view are rendered later.
  const timer = setInterval(mark, 300);
  return () => {
    clearInterval(timer);
    registry.delete('find');
  };
}

function rangesOf(needle: string): Range[] {
  const root = document.querySelector('[role=list]');
  if (root === null || needle === '') return [];
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const words = (node.textContent ?? '').toLocaleLowerCase();
    for (let from = words.indexOf(needle); from !== -1; from = words.indexOf(needle, from + needle.length)) {
      const range = new Range();
      range.setStart(node, from);
      range.setEnd(node, Math.min(from + needle.length, node.textContent?.length ?? 0));
      ranges.push(range);
    }
  }
  return ranges;
}
