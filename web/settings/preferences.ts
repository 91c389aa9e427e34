/** Choices of a person that this browser keeps: off unless chosen. */
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
  // Another tab chose.
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

/** The question just asked stays at the top while its answer is written, instead of the end in view. */
export const questionOnTop = preference('pollux.question-on-top');
/** The system tells of an answer that came while no tab was looked at. */
export const tellWhenDone = preference('pollux.tell-when-done');

export function usePreference({ subscribe, isOn }: Preference): boolean {
  return useSyncExternalStore(subscribe, isOn);
}
