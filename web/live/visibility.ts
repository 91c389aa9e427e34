/**
 * Whether somebody can see the product in a tab of this browser; loaded on demand. Each visible tab holds a shared lock, which the
 * browser releases if the tab dies.
 */
const lock = 'pollux.visible';
const channel = new BroadcastChannel(lock);
const listeners = new Set<() => void>();
/** For tabs that died without a word. */
const lookEveryMs = 15_000;

let release: (() => void) | null = null;

/** Visible tabs changed. */
function told(): void {
  for (const listener of listeners) listener();
}

function tell(): void {
  told();
  channel.postMessage(null);
}

function hold(): void {
  if (document.visibilityState !== 'visible') {
    release?.();
    release = null;
  } else if (release === null) {
    const { promise, resolve } = Promise.withResolvers<void>();
    release = resolve;
    const held = navigator.locks.request(lock, { mode: 'shared' }, () => {
      tell();
      return promise;
    });
    void held.finally(tell);
  }
}

/** Counts this tab while it is visible, from now on. */
export function countThisTab(): void {
  channel.addEventListener('message', told);
  document.addEventListener('visibilitychange', hold);
  hold();
}

/** Whether it can be seen now. */
export async function isSeen(): Promise<boolean> {
  if (document.visibilityState === 'visible') return true;
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === lock);
}

/** Calls `report` whenever that has become another than `known`, or than what was reported last; returns a function that stops it. */
export function watchVisibility(known: boolean, report: (seen: boolean) => void): () => void {
  let reported = known;
  let stopped = false;
  async function check(): Promise<void> {
    const seen = await isSeen();
    if (seen === reported || stopped) return;
    reported = seen;
    report(seen);
  }
  const look = () => void check();
  const timer = setInterval(look, lookEveryMs);
  listeners.add(look);
  look();
  return () => {
    stopped = true;
    clearInterval(timer);
    listeners.delete(look);
  };
}

/** Tells the server over the socket of the live feed, which counts as seen until it is said otherwise. */
export function reportVisibility(socket: WebSocket): void {
  const stop = watchVisibility(true, (visible) => socket.send(JSON.stringify({ type: 'visibility', visible })));
  socket.addEventListener('close', stop);
}
