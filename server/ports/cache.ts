/** Port: a shared cache of short strings. It may lose entries at any time. */

export interface Cache extends AsyncDisposable {
  /**
   * Returns the value of `key`, or the result of `load`, which is stored for `ttlMs`. The result of a load that overlaps
   * a `forget(key)` in any process is returned but not stored. While the cache is unavailable every call runs `load`.
   */
  remember(key: string, ttlMs: number, load: () => Promise<string>): Promise<string>;
  /**
   * Deletes `key`. Once resolved, no process returns the old value. While the cache is unavailable it resolves at once,
   * and the deletion is repeated before this process reads the key again.
   */
  forget(key: string): Promise<void>;
  /** Rejects when the cache is unavailable. */
  check(): Promise<void>;
}
