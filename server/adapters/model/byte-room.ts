/** Bounds the bytes of files that the requests of a process hold at a time. */

/** For all models of a process. As Base64 and JSON they take several times as much memory. */
export const mostFileBytes = 12 * 1024 * 1024;

export interface ByteRoom {
  /** Resolves once there is room for them, in the order of the calls, with a function that gives it back. Rejects when aborted. */
  take(bytes: number, signal: AbortSignal): Promise<() => void>;
}

/** More than `mostBytes` may be taken by one call while nothing else is held. */
export function byteRoom(mostBytes: number): ByteRoom {
  let held = 0;
  const waiting: { readonly bytes: number; readonly begin: () => void }[] = [];

  function next(): void {
    const [first] = waiting;
    if (first === undefined || (held > 0 && held + first.bytes > mostBytes)) return;
    waiting.shift();
    held += first.bytes;
    first.begin();
    next();
  }

  return {
    async take(bytes, signal) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const one = { bytes, begin: resolve };
      const abort = () => {
        const at = waiting.indexOf(one);
        if (at < 0) return;
        waiting.splice(at, 1);
        reject(signal.reason as Error);
        next();
      };
      waiting.push(one);
      signal.addEventListener('abort', abort);
      next();
      await promise.finally(() => signal.removeEventListener('abort', abort));
      let isBack = false;
      return () => {
        if (isBack) return;
        isBack = true;
        held -= bytes;
        next();
      };
    },
  };
}
