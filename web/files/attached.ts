/**
 * Files of messages that are being written, outside of React state: a list for each composer and editor. Those that the server
 * has are stored with the draft, so that a reload keeps them.
 */
import { useCallback, useSyncExternalStore } from 'react';
import type { Attachment } from '../../contract/attachments.ts';
import type { UploadStatus } from '../../contract/uploads.ts';

/** What messages can have. */
export const mostFiles = 10;

/** The room of a composer, or the question of an editor. */
export type FilePlace = number | 'new' | `edit.${number}`;

export interface AttachedFile {
  /** Names it here, and its upload to the server (Idempotency-Key). */
  readonly key: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The browser's guess by the name, until the server says what it is. */
  readonly media_type: string;
  /** `offline`: the upload continues with the network. `stopped`: it cannot be sent, `problem` says why. */
  readonly state: 'waiting' | 'sending' | 'offline' | 'stopped' | UploadStatus;
  /** Null until the server has it. */
  readonly id: number | null;
  /** The part that was sent, 0 to 1. */
  readonly progress: number;
  readonly problem: string | null;
  /** Whether sending it again may help. */
  readonly retryable: boolean;
  /** No message has it. */
  readonly unused: boolean;
}

type Kept = Pick<AttachedFile, 'name' | 'size' | 'media_type'> & { readonly id: number };

/** Among the drafts, which are deleted together. */
const prefix = 'pollux.draft.files.';
const none: readonly AttachedFile[] = [];
const lists = new Map<FilePlace, readonly AttachedFile[]>();
const listeners = new Set<() => void>();

/** A file that the server has. */
export function uploadedFile({ id, name, size, media_type }: Kept, state: UploadStatus): AttachedFile {
  return {
    key: `upload-${id}`,
    id,
    name,
    size,
    media_type,
    state,
    progress: 1,
    problem: null,
    retryable: false,
    unused: false,
  };
}

export function attachedFiles(place: FilePlace): readonly AttachedFile[] {
  const known = lists.get(place) ?? stored(place);
  lists.set(place, known);
  return known;
}

/** `attachedFiles`, for components. */
export function useAttached(place: FilePlace): readonly AttachedFile[] {
  return useSyncExternalStore(
    subscribe,
    useCallback(() => attachedFiles(place), [place]),
  );
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function setAttached(place: FilePlace, files: readonly AttachedFile[]): void {
  lists.set(place, files);
  store(place, files);
  for (const listener of listeners) listener();
}

/** Changes what `change` names of one file; nothing if it was removed. */
export function changeAttached(place: FilePlace, key: string, change: Partial<AttachedFile>): void {
  const files = attachedFiles(place);
  if (!files.some((file) => file.key === key)) return;
  setAttached(
    place,
    files.map((file) => (file.key === key ? { ...file, ...change } : file)),
  );
}

/** What other apps shared and no chat has taken yet: the service worker stores it (`offline/share-target.ts`). */
export const sharedCache = 'pollux-shared';

/** Forgets all of them, since another user may sign in next. */
export function forgetAttached(): void {
  for (const place of lists.keys()) setAttached(place, none);
  if ('caches' in globalThis) void caches.delete(sharedCache);
}

/** Checked again with the server before they are relied on. */
function stored(place: FilePlace): readonly AttachedFile[] {
  try {
    const kept = JSON.parse(localStorage.getItem(prefix + place) ?? '[]') as Kept[];
    return kept.length === 0 ? none : kept.map((file) => uploadedFile(file, 'processing'));
  } catch {
    return none;
  }
}

function store(place: FilePlace, files: readonly AttachedFile[]): void {
  const kept = files.flatMap(({ id, name, size, media_type }) => (id === null ? [] : [{ id, name, size, media_type }]));
  try {
    if (kept.length === 0) localStorage.removeItem(prefix + place);
    else localStorage.setItem(prefix + place, JSON.stringify(kept satisfies Kept[]));
  } catch {
    // Storage is full or unavailable: a reload loses them.
  }
}

/** As a message has them; null while one of them is not on the server. */
export function attachmentsOf(files: readonly AttachedFile[]): Attachment[] | null {
  const uploaded = files.filter((file): file is AttachedFile & { id: number } => file.id !== null);
  if (uploaded.length < files.length) return null;
  return uploaded.map(({ id, name, media_type, size }) => ({ id, name, media_type, size, deleted: false }));
}
