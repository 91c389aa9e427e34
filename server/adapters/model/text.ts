/** Makes a model's chunks safe to store and send: no NUL (PostgreSQL refuses it), no half characters (UTF-8 has none). */

export interface ChunkJoiner {
  /** Takes the next chunk and gives what can be sent now, perhaps nothing: half a surrogate pair waits for its other half. */
  push(chunk: string): string;
  /** Gives what still waited, at the end of the text. */
  flush(): string;
}

/** Every text given out is well-formed; a surrogate that stays alone becomes U+FFFD. */
export function chunkJoiner(): ChunkJoiner {
  let held = '';
  return {
    push(chunk) {
      const text = held + chunk.replaceAll('\0', '');
      const whole = endsInHalfPair(text) ? text.slice(0, -1) : text;
      held = text.slice(whole.length);
      return whole.toWellFormed();
    },
    flush() {
      const rest = held.toWellFormed();
      held = '';
      return rest;
    },
  };
}

function endsInHalfPair(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd8_00 && last <= 0xdb_ff;
}
