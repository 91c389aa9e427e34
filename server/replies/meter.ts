/** Metrics of replies. */
import type { FailureCode } from '../../contract/messages.ts';
import type { UsageEntry } from '../plans/ledger-store.ts';

/** How a reply left this worker. */
export type Settlement = 'complete' | 'cancelled' | 'failed' | 'again' | 'lost';

export interface ReplyMeter {
  /** Seconds from the claim to the first text. */
  firstToken(seconds: number): void;
  /** Seconds from the claim to the outcome. */
  settled(outcome: Settlement, seconds: number): void;
  /** A call that is entered in the ledger. */
  called(entry: UsageEntry): void;
  modelFailed(code: FailureCode): void;
}
