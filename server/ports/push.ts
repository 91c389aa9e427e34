/** Port: push messages to browsers through their push services (RFC 8030). */

/** Where one browser is reached, and what messages to it are encrypted with (RFC 8291); base64url. */
export interface PushTarget {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

/** The key pair by which push services know the sender (RFC 8292); base64url. */
export interface PushKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface PushContent {
  readonly text: string;
  /** Replaces a message with the same topic that has not reached the browser; at most 32 base64url characters. */
  readonly topic: string;
  /** How long the service keeps it for a browser that is off. */
  readonly ttlSeconds: number;
}

export type PushOutcome =
  /** The service has it. */
  | { readonly kind: 'sent' }
  /** The browser has unsubscribed: nothing will ever reach it. */
  | { readonly kind: 'gone' }
  /** Not now: `afterMs` is the service's Retry-After, null if it gave none. */
  | { readonly kind: 'later'; readonly afterMs: number | null; readonly reason: string }
  /** The service will never accept this message. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface Push {
  createKeys(): PushKeys;
  /** False for what is not the https address of a public host. A host whose name cannot be resolved now counts as public. */
  accepts(endpoint: string): Promise<boolean>;
  /** Encrypts and sends one message. Throws only the reason of `signal`. */
  send(target: PushTarget, content: PushContent, keys: PushKeys, signal: AbortSignal): Promise<PushOutcome>;
}
