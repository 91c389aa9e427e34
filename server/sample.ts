/** A figure that is read every so often, so that whoever asks for it never waits for where it comes from. */

export interface Sample<T> extends Disposable {
  /** The newest figure; null while there is none that is fresh. */
  readonly latest: () => T | null;
}

/** Dashboards and alerts look every 15 s or so. */
const everyMs = 5_000;
/** An older figure is none: whoever reads it would take it for the present. */
const staleAfterMs = 15_000;

/** Reads now and every so often until disposed, one at a time. A read that fails leaves the last figure until that is stale. */
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
      // Readiness and the log tell of what is away; the figure goes stale.
    } finally {
      reading = false;
    }
  }

  void refresh();
  const timer = setInterval(() => void refresh(), timing.everyMs);
  return {
    latest: () => (newest !== null && performance.now() - newest.at < timing.staleAfterMs ? newest.figure : null),
    // A read under way is not waited for: it changes nothing, and where it reads may be away.
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
