/** Deletions with undo: each is carried out after the undo period, or when the tab closes before that. */
import { useSyncExternalStore } from 'react';
import { text } from '../languages/text.ts';
import { hideToast, showToast } from './toast.tsx';

const undoMs = 6000;

export interface Deletion {
  /** Names what is deleted, in `isBeingDeleted`. */
  readonly key: string;
  /** Said while it can be undone. */
  readonly message: string;
  /** Said if `carryOut` throws. */
  readonly failure: string;
  /** Deletes it on the server; `keepalive` if the page is closing. */
  readonly carryOut: (options: { readonly keepalive: boolean }) => Promise<void>;
  /** Called after Undo or a failure. */
  readonly onKept?: () => void;
}

/** What is hidden, and how it is deleted before its time; null while that is under way. */
const waiting = new Map<string, ((keepalive: boolean) => void) | null>();
const listeners = new Set<() => void>();
let changes = 0;

function announce(): void {
  changes += 1;
  for (const listener of listeners) listener();
}

/** True from the deletion until it is done, failed or undone: lists leave it out. */
export function isBeingDeleted(key: string): boolean {
  return waiting.has(key);
}

/** `isBeingDeleted`, for components: renders again when its result may have changed. */
export function useIsBeingDeleted(): typeof isBeingDeleted {
  useSyncExternalStore(subscribe, () => changes);
  return isBeingDeleted;
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Offers to undo, and deletes afterwards. */
export function deleteLater({ key, message, failure, carryOut, onKept }: Deletion): void {
  const timer = setTimeout(() => void commit(false), undoMs);
  const toast = { message, action: { label: text('undo'), run: undo } };

  function undo(): void {
    if (!waiting.get(key)) return;
    clearTimeout(timer);
    forget();
    onKept?.();
  }

  function forget(): void {
    waiting.delete(key);
    announce();
  }

  async function commit(keepalive: boolean): Promise<void> {
    clearTimeout(timer);
    waiting.set(key, null);
    hideToast(toast);
    try {
      await carryOut({ keepalive });
      forget();
    } catch {
      showToast({ message: failure });
      forget();
      onKept?.();
    }
  }

  waiting.set(key, (keepalive) => void commit(keepalive));
  announce();
  showToast(toast);
}

addEventListener('pagehide', () => {
  for (const commit of waiting.values()) commit?.(true);
});
