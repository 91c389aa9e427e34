/** `Stripe-Signature` headers, the good ones and every kind of bad one (https://docs.stripe.com/webhooks/signature). */
import { createHmac } from 'node:crypto';

/**
 * `forged` is signed with another secret, `altered` has its body changed after signing, `stale` is signed rightly but
 * 301 s ago, `absent` carries no header.
 */
export type SignatureKind = 'valid' | 'forged' | 'altered' | 'stale' | 'absent';

export interface SignedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The raw body: the signed bytes, unless they were altered. */
  readonly body: string;
}

/** The header for a payload: HMAC-SHA-256 over `timestamp.payload`, in hex, under scheme v1. */
function signatureHeader(payload: string, secret: string, timestampSeconds: number): string {
  const signature = createHmac('sha256', secret).update(`${timestampSeconds}.${payload}`).digest('hex');
  return `t=${timestampSeconds},v1=${signature}`;
}

/** A webhook request as Stripe would send it, or as someone else would. The offset moves the signed timestamp. */
export function signedRequest(options: {
  url: string;
  payload: object;
  secret: string;
  kind: SignatureKind;
  nowSeconds: number;
  offsetSeconds: number;
}): SignedRequest {
  const { url, payload, secret, kind } = options;
  const original = JSON.stringify(payload, null, 2);
  const secretUsed = kind === 'forged' ? `${secret}_of_someone_else` : secret;
  const timestamp = options.nowSeconds + options.offsetSeconds - (kind === 'stale' ? 301 : 0);
  const signature: Record<string, string> = {};
  if (kind !== 'absent') signature['Stripe-Signature'] = signatureHeader(original, secretUsed, timestamp);
  return {
    url,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      ...signature,
    },
    body: kind === 'altered' ? original.replace('"livemode": false', '"livemode": true') : original,
  };
}
