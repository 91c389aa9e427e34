/** Makes a model's chunks safe to store and send: no NUL (PostgreSQL refuses it), no lone surrogates (UTF-8 has none). */

export interface ChunkJoiner {
  /** Returns the text that can be sent now, which may be empty: half a surrogate pair is held until its other half arrives. */
  push(chunk: string): string;
  /** Returns held text at the end of the stream. */
  flush(): string;
}

/** All returned text is well-formed; a lone surrogate becomes U+FFFD. */
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
