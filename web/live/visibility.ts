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

async function isSeen(): Promise<boolean> {
  if (document.visibilityState === 'visible') return true;
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === lock);
}

/** Tells the server over the socket of the live feed, which counts as seen until it is said otherwise. */
export function reportVisibility(socket: WebSocket): void {
  let reported = true;
  async function report(): Promise<void> {
    const seen = await isSeen();
    if (seen === reported || socket.readyState !== WebSocket.OPEN) return;
    reported = seen;
    socket.send(JSON.stringify({ type: 'visibility', visible: seen }));
  }
  const look = () => void report();
  const timer = setInterval(look, lookEveryMs);
  listeners.add(look);
  socket.addEventListener('close', () => {
    clearInterval(timer);
    listeners.delete(look);
  });
  look();
}
