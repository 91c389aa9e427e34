/** Bounds the text of conversations that a process holds at a time. */

/** In UTF-8 bytes; as strings and as requests they take several times as much memory. */
const mostHeldBytes = 32 * 1024 * 1024;

export interface HeldText {
  /** How many more conversations of the largest size fit; at least one while none is held. */
  readonly room: number;
  /** Reserves the largest size until the real one is known. */
  hold(): Hold;
}

export interface Hold {
  /** Its real size, in bytes. */
  resize(bytes: number): void;
}

/** `largestBytes` returns the size of the largest conversation at that moment. */
export function heldText(largestBytes: () => number, mostBytes = mostHeldBytes): HeldText {
  let held = 0;
  return {
    get room() {
      return Math.max(Math.floor((mostBytes - held) / largestBytes()), held === 0 ? 1 : 0);
    },
    hold() {
      let own = largestBytes();
      held += own;
      return {
        resize(bytes) {
          held += bytes - own;
          own = bytes;
        },
      };
    },
  };
}
