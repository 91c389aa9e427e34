/** Looks at the beginning of a stream without consuming it. */
import { Readable } from 'node:stream';

export interface Headed {
  readonly head: Buffer;
  /** There is nothing behind the head. */
  readonly isAll: boolean;
  /** All bytes, those of the head included. `observe` sees each chunk before the reader; the stream ends with an error it throws. */
  readonly whole: (observe: (chunk: Buffer) => void) => Readable;
}

/** Reads at least `bytes`, unless there are fewer. Rejects with the stream's error. */
export async function readHead(stream: Readable, bytes: number): Promise<Headed> {
  const iterator = stream.iterator({ destroyOnReturn: true }) as AsyncIterableIterator<Buffer>;
  const chunks: Buffer[] = [];
  let isAll = false;
  for (let length = 0; length < bytes && !isAll;) {
    const { value, done } = await iterator.next();
    if (done) isAll = true;
    else {
      chunks.push(value);
      length += value.length;
    }
  }
  const head = Buffer.concat(chunks);
  return { head, isAll, whole: (observe) => Readable.from(join(head, iterator, observe), { objectMode: false }) };
}

async function* join(
  head: Buffer,
  rest: AsyncIterableIterator<Buffer>,
  observe: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  observe(head);
  if (head.length > 0) yield head;
  for await (const chunk of rest) {
    observe(chunk);
    yield chunk;
  }
}
