/** What somebody who watches an answer sees, put together from the events of any engine. */

export interface WatchedEvent {
  readonly type: string;
  readonly text?: string;
  /** Where an engine numbers them, a delta of an earlier attempt is ignored. */
  readonly attempt?: number;
  /** Where an engine sends it, a delta that does not join up is ignored. */
  readonly offset?: number;
}

export interface Watcher {
  see(event: WatchedEvent): void;
  readonly garbled: boolean;
}

/** `whole` is the right answer: the text on the screen has to be a beginning of it, and stays once it is whole. */
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
