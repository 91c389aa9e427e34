/** Port: the state of a Redis server, for the doctor. */

/** What a Redis server reports of itself. */
export interface RedisFacts {
  readonly version: string;
  readonly evictionPolicy: string;
  readonly usedBytes: number;
  /** Null without a limit. */
  readonly limitBytes: number | null;
  /** Milliseconds since 1970. */
  readonly clockMs: number;
}
