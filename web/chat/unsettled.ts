/**
 * The last question of a room whose outcome is unknown. If the same text and files are sent again to the same place it keeps its
 * Idempotency-Key, also after a reload, so that it is accepted only once.
 */

const prefix = 'pollux.unsettled.';

/** What a question is sent with. */
export interface Asking {
  readonly content: string;
  readonly files: readonly number[];
  /** Of an edited question: its place. Not set at the end of the path. */
  readonly parentId?: number | null | undefined;
}

/** The key for a question; kept until `settle`. */
export function keyFor(roomId: number, { content, files, parentId }: Asking): string {
  const asking = JSON.stringify({ content, files, parentId });
  try {
    const stored = localStorage.getItem(prefix + roomId);
    const kept = stored === null ? null : (JSON.parse(stored) as { readonly key: string; readonly asking: string });
    const key = kept?.asking === asking ? kept.key : crypto.randomUUID();
    localStorage.setItem(prefix + roomId, JSON.stringify({ key, asking }));
    return key;
  } catch {
    // Storage is full or unavailable.
    return crypto.randomUUID();
  }
}

/** The server has accepted or refused the question. */
export function settle(roomId: number): void {
  localStorage.removeItem(prefix + roomId);
}
