/** Text messages to phones. */

export interface Sms {
  readonly label: string;
  /** Hands one message to the carrier. `to` is E.164. Rejects when it was not taken; the error names no number. */
  send(to: string, text: string, signal: AbortSignal): Promise<void>;
}
