/** A value read periodically, so that readers never wait for its source. */

export interface Sample<T> extends Disposable {
  /** The last value; null if it is stale. */
  readonly latest: () => T | null;
}

/** Below the usual scrape interval of 15 s. */
const everyMs = 5_000;
/** An older value is stale. */
const staleAfterMs = 15_000;

/** Reads now and periodically until disposed, one read at a time. After a failed read the last value is kept until stale. */
export function sample<T>(read: () => Promise<T>, timing = { everyMs, staleAfterMs }): Sample<T> {
  let newest: { readonly figure: T; readonly at: number } | null = null;
  let reading = false;

  async function refresh(): Promise<void> {
    if (reading) return;
    reading = true;
    const at = performance.now();
    try {
      newest = { figure: await read(), at };
    } catch {
      // Readiness and logs report the outage; the value becomes stale.
    } finally {
      reading = false;
    }
  }

  void refresh();
  const timer = setInterval(() => void refresh(), timing.everyMs);
  return {
    latest: () => (newest !== null && performance.now() - newest.at < timing.staleAfterMs ? newest.figure : null),
    // A read in progress is not awaited: it has no effects, and its source may be unavailable.
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
