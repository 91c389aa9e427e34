/** Preferences stored in this browser; off by default. */
import { useSyncExternalStore } from 'react';

export interface Preference {
  readonly isOn: () => boolean;
  readonly choose: (on: boolean) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

function preference(key: string): Preference {
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  // Changed in another tab.
  addEventListener('storage', (event) => event.key === key && tell());
  return {
    isOn: () => localStorage.getItem(key) === 'on',
    choose(on) {
      if (on) localStorage.setItem(key, 'on');
      else localStorage.removeItem(key);
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Keeps a question at the top of the view while its answer is streamed, instead of following the end. */
export const questionOnTop = preference('pollux.question-on-top');
/** Shows a system notification for an answer that completes while no tab is visible. */
export const tellWhenDone = preference('pollux.tell-when-done');

export function usePreference({ subscribe, isOn }: Preference): boolean {
  return useSyncExternalStore(subscribe, isOn);
}
