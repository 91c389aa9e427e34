/** Presence in this process. */
import type { Presence } from '../../ports/presence.ts';

export function memoryPresence(): Presence {
  const counts = new Map<number, number>();
  return {
    look(userId) {
      let here = true;
      counts.set(userId, (counts.get(userId) ?? 0) + 1);
      return () => {
        if (!here) return;
        here = false;
        const left = counts.get(userId)! - 1;
        if (left === 0) counts.delete(userId);
        else counts.set(userId, left);
      };
    },
    isLooking: async (userId) => counts.has(userId),
    async [Symbol.asyncDispose]() {},
  };
}
