/** Reads a stream of server-sent events (WHATWG HTML, section 9.2) from a fetch body. */

export interface SentEvent {
  /** Position to resume from; empty until the stream has sent one. */
  readonly id: string;
  /** Null for a ping, and for an event that only updates the position. */
  readonly data: string | null;
}

/** Longer than any event of the API. */
const longestEvent = 4 * 1024 * 1024;

/** Yields events as they arrive, including pings, so that a reader can detect a dead connection. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<SentEvent> {
  let rest = '';
  let id = '';
  let data: string[] = [];
  for await (const chunk of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    rest += chunk;
    if (rest.length > longestEvent) throw new Error('an event has no end');
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        yield { id, data: data.length > 0 ? data.join('\n') : null };
        data = [];
        continue;
      }
      const [field, value] = fieldOf(line);
      if (field === 'data') data.push(value);
      else if (field === 'id' && !value.includes('\0')) id = value;
    }
  }
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
