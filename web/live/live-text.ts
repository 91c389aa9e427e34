/**
 * Text that is being written, outside of any framework's state: deltas are appended as they come, and whoever shows a
 * reply is told once a frame.
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
  phase: LiveReply['phase'];
  /** What was handed out last; null after a change. */
  snapshot: LiveReply | null;
}

/** What a delta did: `gap` means that text is missing and the reply has to be read again. */
export type Applied = 'appended' | 'repeated' | 'gap';

/** A hidden tab gets no frames. */
const hiddenFlushMs = 250;

export interface LiveText {
  read(messageId: number): LiveReply | null;
  subscribe(messageId: number, listener: () => void): () => void;
  /** Begins a reply, or begins it again with a newer attempt; an older attempt changes nothing. */
  start(messageId: number, attempt: number, phase: LiveReply['phase']): void;
  append(messageId: number, attempt: number, offset: number, text: string): Applied;
  /** Replaces the text by what was read over HTTP, unless deltas have brought more of the same attempt. */
  replace(messageId: number, attempt: number, text: string): void;
  reset(messageId: number, attempt: number): void;
  forget(messageId: number): void;
}

export function liveText(): LiveText {
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
    if (document.visibilityState === 'hidden') setTimeout(flush, hiddenFlushMs);
    else requestAnimationFrame(flush);
  }

  function flush(): void {
    scheduled = false;
    const ids = [...changed];
    changed.clear();
    for (const id of ids) for (const listener of listeners.get(id) ?? []) listener();
  }

  return {
    read(messageId) {
      const entry = entries.get(messageId);
      if (!entry) return null;
      if (entry.chunks.length > 1) entry.chunks = [entry.chunks.join('')];
      entry.snapshot ??= { attempt: entry.attempt, text: entry.chunks[0] ?? '', phase: entry.phase };
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
      const kept = entry?.attempt === attempt ? entry : { chunks: [], length: 0 };
      entries.set(messageId, { ...kept, attempt, phase: kept.length > 0 ? 'writing' : phase, snapshot: null });
      touch(messageId);
    },
    append(messageId, attempt, offset, text) {
      let entry = entries.get(messageId);
      if (!entry || attempt > entry.attempt) {
        entry = { attempt, chunks: [], length: 0, phase: 'writing', snapshot: null };
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
      entries.set(messageId, { attempt, chunks: [text], length: text.length, phase, snapshot: null });
      touch(messageId);
    },
    reset(messageId, attempt) {
      const entry = entries.get(messageId);
      if (!entry || entry.attempt > attempt) return;
      entries.set(messageId, { attempt, chunks: [], length: 0, phase: 'queued', snapshot: null });
      touch(messageId);
    },
    forget(messageId) {
      if (entries.delete(messageId)) touch(messageId);
    },
  };
}
