/** Port: rate limits counted in a store shared by all processes. */

export interface LimitRule {
  /** The counter's key, such as `otp:number:<hash>`. Must not contain a phone number. */
  readonly key: string;
  /** Uses allowed in one window. */
  readonly limit: number;
  readonly windowMs: number;
  /** If true, the rule is checked but not counted. */
  readonly peek?: true;
}

export type LimitVerdict = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterMs: number };

export interface Limits extends AsyncDisposable {
  /**
   * Counts one use against every rule, or against none if one is used up. Atomic across rules and processes. A window
   * starts with its first use. Rejects when the store is unavailable; callers fail closed.
   */
  take(rules: readonly LimitRule[]): Promise<LimitVerdict>;
}
