/** Counts the bytes of a stream and ends it with an error when there are too many. */
import { Transform } from 'node:stream';
import { TooLarge } from '../../ports/storage.ts';

export interface Bounded extends Transform {
  readonly bytes: number;
}

export function bounded(maxBytes: number): Bounded {
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new TooLarge(`more than ${maxBytes} bytes`));
      else done(null, chunk);
    },
  });
  return Object.defineProperty(stream, 'bytes', { get: () => bytes }) as Bounded;
}
