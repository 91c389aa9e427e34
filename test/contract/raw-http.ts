/** Writes bytes to a socket and reads the answer, for requests that no HTTP client would send. */
import net from 'node:net';
import type { Answer } from '../client.ts';

export interface RawOptions {
  /** Sent after the first bytes, once each is written. */
  readonly then?: readonly (string | Uint8Array)[];
  /** Sent once the answer has begun. */
  readonly meanwhile?: string;
  readonly timeoutMs?: number;
}

/** Everything the server sends until it closes or the first answer is complete; empty when it just closes. */
export async function exchange(
  url: string,
  bytes: string | Uint8Array,
  { then = [], meanwhile, timeoutMs = 10_000 }: RawOptions = {},
) {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no whole answer within ${timeoutMs} ms`)));
  const chunks: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket.on('data', (chunk) => {
    if (chunks.length === 0 && meanwhile !== undefined) socket.write(meanwhile);
    chunks.push(chunk);
    if (isWhole(Buffer.concat(chunks))) socket.destroy();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // The server may close while we still write; what it sent before counts.
    if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
  });
  socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  for (const part of [bytes, ...then]) socket.write(part);
  return promise;
}

/** Sends bytes and reads one answer. Throws when there is none. */
export async function speakRaw(url: string, bytes: string | Uint8Array, options: RawOptions = {}): Promise<Answer> {
  const text = await exchange(url, bytes, options);
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
  if (!status) throw new Error(`no answer: ${JSON.stringify(text.slice(0, 200))}`);
  const headers = new Headers(
    fields.map((field): [string, string] => [
      field.slice(0, field.indexOf(':')),
      field.slice(field.indexOf(':') + 1).trim(),
    ]),
  );
  const body = rest.join('\r\n\r\n');
  return { status, headers, body: /json/.test(headers.get('content-type') ?? '') ? JSON.parse(body) : body };
}

/** True once the body is as long as its Content-Length. */
function isWhole(received: Buffer): boolean {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(received.subarray(0, end).toString('latin1'))?.[1];
  return length !== undefined && received.length >= end + 4 + Number(length);
}
