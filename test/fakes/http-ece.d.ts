/** Types of `http_ece`, which has none. */
declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';
  /** Decrypts a message of RFC 8188 whose keys were agreed as in RFC 8291. */
  export function decrypt(
    body: Buffer,
    params: { readonly version: 'aes128gcm'; readonly privateKey: ECDH; readonly authSecret: string },
  ): Buffer;
}
