/** Port: whether somebody looks at an account, in any process. */

export interface Presence extends AsyncDisposable {
  /** Notes that a connection of this account is visible, until the returned function is called. Never throws. */
  look(userId: number): () => void;
  /** True while a connection of the account is visible in any process. Rejects while that cannot be known. */
  isLooking(userId: number): Promise<boolean>;
}
