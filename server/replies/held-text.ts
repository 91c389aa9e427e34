/** Bounds the text of conversations that one process holds at a time, so that its memory does not depend on what people stored. */

/** UTF-8 bytes. As strings and as a request on its way they take several times as much. */
const mostHeldBytes = 32 * 1024 * 1024;

export interface HeldText {
  /** How many more conversations fit, however long they turn out to be; at least one while nothing is held. */
  readonly room: number;
  /** Holds one of the largest size until it is known. */
  hold(): Hold;
}

export interface Hold {
  /** Its real size, in bytes. */
  resize(bytes: number): void;
}

/** `largestBytes` is the size of the largest conversation. */
export function heldText(largestBytes: number, mostBytes = mostHeldBytes): HeldText {
  let held = 0;
  return {
    get room() {
      return Math.max(Math.floor((mostBytes - held) / largestBytes), held === 0 ? 1 : 0);
    },
    hold() {
      let own = largestBytes;
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
