/** The transports of live events: how a client opens each, and the bare program to compare with. */
import { rawRequest } from './rates.ts';

export interface Transport {
  /** One connection, in the table. */
  readonly connection: string;
  readonly bare: string;
  readonly request: (headers: Readonly<Record<string, string>>) => string;
  /** See `StreamTarget`. */
  readonly hello: Uint8Array | null;
}

const upgrade = {
  connection: 'upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16).toString('base64'),
};

export const transports: readonly Transport[] = [
  {
    connection: 'connection',
    bare: 'streams',
    request: (headers) => rawRequest('GET', '/events', headers),
    hello: null,
  },
  {
    connection: 'socket',
    bare: 'sockets',
    request: (headers) => rawRequest('GET', '/ws', { ...headers, ...upgrade }),
    hello: textFrame('{"type":"hello","resume_from":null}'),
  },
];

/** A short frame of a client (RFC 6455, section 5.2), whose mask changes nothing. */
function textFrame(text: string): Uint8Array {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
