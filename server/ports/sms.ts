/** Port: sending SMS. */

export interface Sms {
  readonly label: string;
  /** Sends one message to an E.164 number. Rejects when the provider does not accept it; the error contains no number. */
  send(to: string, text: string, signal: AbortSignal): Promise<void>;
}
