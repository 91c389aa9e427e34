/** Looks at the beginning of a stream without consuming it. */
import { Readable } from 'node:stream';

export interface Headed {
  readonly head: Buffer;
  /** All bytes, those of the head included. */
  readonly whole: Readable;
}

/** Reads at least `bytes`, unless there are fewer. Rejects with the stream's error. */
export async function readHead(stream: Readable, bytes: number): Promise<Headed> {
  const iterator = stream.iterator({ destroyOnReturn: true }) as AsyncIterableIterator<Buffer>;
  const chunks: Buffer[] = [];
  for (let length = 0; length < bytes;) {
    const { value, done } = await iterator.next();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  const head = Buffer.concat(chunks);
  const whole = Readable.from(join(head, iterator), { objectMode: false });
  return { head, whole };
}

async function* join(head: Buffer, rest: AsyncIterableIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}
