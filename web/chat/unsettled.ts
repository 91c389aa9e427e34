/**
 * The last question of a room whose outcome is unknown. If the same text is sent again it keeps its Idempotency-Key, also
 * after a reload, so that it is accepted only once.
 */

const prefix = 'pollux.unsettled.';

/** The key for a question; kept until `settle`. */
export function keyFor(roomId: number, content: string): string {
  try {
    const stored = localStorage.getItem(prefix + roomId);
    const kept = stored === null ? null : (JSON.parse(stored) as { key: string; content: string });
    const key = kept?.content === content ? kept.key : crypto.randomUUID();
    localStorage.setItem(prefix + roomId, JSON.stringify({ key, content }));
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
