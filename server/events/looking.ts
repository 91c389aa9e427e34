/** Whether somebody looks at a connection: it is open, its client has not said that it is hidden, and answers. */
import type { Presence } from '../ports/presence.ts';

export interface Looking {
  /** What the client says about its page; true until it says something. */
  see(visible: boolean): void;
  /** Something came from the client. */
  heard(nowMs: number): void;
  /** A phone that sleeps keeps its connection, but does not answer: it does not look any more. */
  check(nowMs: number): void;
  end(): void;
}

/** Pings go out every 15 s. */
const silentMs = 40_000;

/** Tells `presence` until it ends. */
export function lookingAt(presence: Presence, userId: number, openedMs: number): Looking {
  let leave: (() => void) | null = presence.look(userId);
  let visible = true;
  let heardMs = openedMs;
  let ended = false;

  function tell(isLooking: boolean): void {
    if (isLooking && !ended) leave ??= presence.look(userId);
    else {
      leave?.();
      leave = null;
    }
  }

  return {
    see(now) {
      visible = now;
      tell(visible);
    },
    heard(nowMs) {
      heardMs = nowMs;
      tell(visible);
    },
    check: (nowMs) => tell(visible && nowMs - heardMs < silentMs),
    end() {
      ended = true;
      tell(false);
    },
  };
}
