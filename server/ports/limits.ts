/** Rate limits counted in a store that every process shares. */

export interface LimitRule {
  /** Names what is counted, such as `otp:number:<hash>`; never a phone number in clear. */
  readonly key: string;
  /** How many takes fit in one window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Refuses like any other when it is used up, but the take is not counted against it. */
  readonly peek?: true;
}

export type LimitVerdict = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterMs: number };

export interface Limits extends AsyncDisposable {
  /**
   * Counts one use against every rule, or against none if any is used up. Atomic over all rules and processes. A
   * window opens with its first use. Rejects when the store cannot be reached, so that callers fail closed.
   */
  take(rules: readonly LimitRule[]): Promise<LimitVerdict>;
}
