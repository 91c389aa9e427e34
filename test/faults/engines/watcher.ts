/** The text that a client shows, assembled from the events of any engine. */

export interface WatchedEvent {
  readonly type: string;
  readonly text?: string;
  /** Number of the attempt, if the engine has one; deltas of earlier attempts are ignored. */
  readonly attempt?: number;
  /** Position of the delta, if the engine has one; deltas that do not follow the text are ignored. */
  readonly offset?: number;
}

export interface Watcher {
  see(event: WatchedEvent): void;
  readonly garbled: boolean;
}

/** `whole` is the right answer: the shown text must be a prefix of it, and must not change once it is whole. */
export function watcher(whole: string): Watcher {
  let text = '';
  let attempt = 0;
  let completed = false;
  let garbled = false;

  function show(next: string): void {
    text = next;
    if (!whole.startsWith(text) || (completed && text !== whole)) garbled = true;
  }

  return {
    get garbled() {
      return garbled;
    },
    see(event) {
      if (event.type === 'started' || event.type === 'reset') {
        attempt = Math.max(attempt, event.attempt ?? 0);
        show('');
      } else if (event.type === 'delta') {
        const current = (event.attempt ?? attempt) === attempt && (event.offset ?? text.length) === text.length;
        if (current) show(text + event.text);
      } else if (event.type === 'completed') {
        completed = true;
        show(event.text ?? '');
      }
    },
  };
}
