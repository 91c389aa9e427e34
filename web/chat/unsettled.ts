/**
 * The last question of a room whose fate is not known. Asked again in the same words it keeps its Idempotency-Key, also
 * after a reload, so that it cannot be there twice.
 */

const prefix = 'pollux.unsettled.';

/** The key to ask with; kept until `settle`. */
export function keyFor(roomId: number, content: string): string {
  try {
    const stored = localStorage.getItem(prefix + roomId);
    const kept = stored === null ? null : (JSON.parse(stored) as { key: string; content: string });
    const key = kept?.content === content ? kept.key : crypto.randomUUID();
    localStorage.setItem(prefix + roomId, JSON.stringify({ key, content }));
    return key;
  } catch {
    // Storage is full or refused.
    return crypto.randomUUID();
  }
}

/** The server has taken the question, or said that it does not. */
export function settle(roomId: number): void {
  localStorage.removeItem(prefix + roomId);
}
