/**
 * Streamed text, outside of React state: deltas are appended as they arrive, and listeners are called
 * once a frame. The server sends text every 80 ms; it is shown over the frames until the next, so that each has little to
 * draw and the text grows evenly.
 */

export interface LiveReply {
  readonly attempt: number;
  readonly text: string;
  readonly phase: 'queued' | 'thinking' | 'writing';
}

interface Entry {
  attempt: number;
  chunks: string[];
  length: number;
  /** How much of it is shown, in UTF-16 code units. */
  shown: number;
  phase: LiveReply['phase'];
  /** Last snapshot; null after a change. */
  snapshot: LiveReply | null;
}

/** Result of a delta: `gap` means that text is missing and the reply has to be read again. */
export type Applied = 'appended' | 'repeated' | 'gap';

/** A hidden tab gets no frames. */
const hiddenFlushMs = 250;
/** A frame shows this part of what waits, and no fewer characters than that. */
const shownAtOnce = { part: 1 / 4, least: 16 };

export interface LiveText {
  read(messageId: number): LiveReply | null;
  subscribe(messageId: number, listener: () => void): () => void;
  /** Starts a reply, or restarts it with a newer attempt; an older attempt changes nothing. */
  start(messageId: number, attempt: number, phase: LiveReply['phase']): void;
  append(messageId: number, attempt: number, offset: number, text: string): Applied;
  /** Replaces the text with text read over HTTP, unless deltas of the same attempt have more. */
  replace(messageId: number, attempt: number, text: string): void;
  reset(messageId: number, attempt: number): void;
  forget(messageId: number): void;
}

/** When the page is drawn. */
export interface Display {
  isVisible(): boolean;
  /** Calls back before the next frame; not at all while the page is hidden. */
  beforeNextFrame(callback: () => void): void;
}

export function liveText(display: Display): LiveText {
  const entries = new Map<number, Entry>();
  const listeners = new Map<number, Set<() => void>>();
  const changed = new Set<number>();
  let scheduled = false;

  function touch(messageId: number): void {
    const entry = entries.get(messageId);
    if (entry) entry.snapshot = null;
    changed.add(messageId);
    if (scheduled) return;
    scheduled = true;
    if (display.isVisible()) display.beforeNextFrame(flush);
    else setTimeout(flush, hiddenFlushMs);
  }

  function flush(): void {
    scheduled = false;
    const ids = [...changed];
    changed.clear();
    for (const id of ids) {
      const entry = entries.get(id);
      if (entry && showMore(entry, display.isVisible())) touch(id);
      for (const listener of listeners.get(id) ?? []) listener();
    }
  }

  return {
    read(messageId) {
      const entry = entries.get(messageId);
      if (!entry) return null;
      if (entry.chunks.length > 1) entry.chunks = [entry.chunks.join('')];
      entry.snapshot ??= { attempt: entry.attempt, text: shownOf(entry), phase: entry.phase };
      return entry.snapshot;
    },
    subscribe(messageId, listener) {
      const known = listeners.get(messageId) ?? new Set();
      listeners.set(messageId, known.add(listener));
      return () => {
        known.delete(listener);
        if (known.size === 0) listeners.delete(messageId);
      };
    },
    start(messageId, attempt, phase) {
      const entry = entries.get(messageId);
      if (entry && entry.attempt >= attempt && phase !== 'thinking') return;
      if (entry && entry.attempt > attempt) return;
      const kept = entry?.attempt === attempt ? entry : { chunks: [], length: 0, shown: 0 };
      entries.set(messageId, { ...kept, attempt, phase: kept.length > 0 ? 'writing' : phase, snapshot: null });
      touch(messageId);
    },
    append(messageId, attempt, offset, text) {
      let entry = entries.get(messageId);
      if (!entry || attempt > entry.attempt) {
        entry = { attempt, chunks: [], length: 0, shown: 0, phase: 'writing', snapshot: null };
        entries.set(messageId, entry);
      }
      if (attempt < entry.attempt || offset < entry.length) return 'repeated';
      if (offset > entry.length) return 'gap';
      entry.chunks.push(text);
      entry.length += text.length;
      entry.phase = 'writing';
      touch(messageId);
      return 'appended';
    },
    replace(messageId, attempt, text) {
      const entry = entries.get(messageId);
      if (entry && (entry.attempt > attempt || (entry.attempt === attempt && entry.length >= text.length))) return;
      const phase = text === '' ? (entry?.phase ?? 'thinking') : 'writing';
      const { length } = text;
      entries.set(messageId, { attempt, chunks: [text], length, shown: length, phase, snapshot: null });
      touch(messageId);
    },
    reset(messageId, attempt) {
      const entry = entries.get(messageId);
      if (!entry || entry.attempt > attempt) return;
      entries.set(messageId, { attempt, chunks: [], length: 0, shown: 0, phase: 'queued', snapshot: null });
      touch(messageId);
    },
    forget(messageId) {
      if (entries.delete(messageId)) touch(messageId);
    },
  };
}

/** Shows more of what waits; true when there is still more. */
function showMore(entry: Entry, isWatched: boolean): boolean {
  const waiting = entry.length - entry.shown;
  const more = isWatched ? Math.max(shownAtOnce.least, Math.ceil(waiting * shownAtOnce.part)) : waiting;
  entry.shown = Math.min(entry.length, entry.shown + more);
  entry.snapshot = null;
  return entry.shown < entry.length;
}

/** The part that is shown, never ending in half a character. */
function shownOf({ chunks, shown }: Entry): string {
  const text = (chunks[0] ?? '').slice(0, shown);
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}
