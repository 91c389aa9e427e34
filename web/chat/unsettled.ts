/**
 * The last question of a room whose outcome is unknown. If the same text is sent again to the same place it keeps its Idempotency-Key, also
 * after a reload, so that it is accepted only once.
 */

const prefix = 'pollux.unsettled.';

interface Unsettled {
  readonly key: string;
  readonly content: string;
  readonly parentId?: number | null | undefined;
}

/** The key for a question; kept until `settle`. */
export function keyFor(roomId: number, content: string, parentId?: number | null): string {
  try {
    const stored = localStorage.getItem(prefix + roomId);
    const kept = stored === null ? null : (JSON.parse(stored) as Unsettled);
    const key = kept?.content === content && kept.parentId === parentId ? kept.key : crypto.randomUUID();
    localStorage.setItem(prefix + roomId, JSON.stringify({ key, content, parentId } satisfies Unsettled));
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
