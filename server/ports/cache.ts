/** A shared cache of small texts. Losing it costs time, never truth. */

export interface Cache extends AsyncDisposable {
  /**
   * Gives the text kept under `key`, else runs `load` and keeps what it gives for `ttlMs`. A load that was under way
   * when `forget(key)` ran, in any process, is returned but not kept. While the cache is away `load` runs every time.
   */
  remember(key: string, ttlMs: number, load: () => Promise<string>): Promise<string>;
  /**
   * Drops `key`; when this resolves no process serves what was kept before. While the cache is away it resolves at
   * once and the drop is made up for before this process trusts the key again.
   */
  forget(key: string): Promise<void>;
  /** Rejects when the cache cannot be reached. */
  check(): Promise<void>;
}
