/** What was typed and not sent, kept for each room over reloads and sign-in. */

const prefix = 'pollux.draft.';
/** Longer than any message the server takes. */
const longest = 40_000;

/** The draft of a room, or of a new chat. */
export function readDraft(room: number | 'new'): string {
  return localStorage.getItem(prefix + room) ?? '';
}

/** Keeps a draft; an empty one is removed. Storage that is full or refused loses the draft, not the page. */
export function keepDraft(room: number | 'new', value: string): void {
  try {
    if (value === '') localStorage.removeItem(prefix + room);
    else localStorage.setItem(prefix + room, value.slice(0, longest));
  } catch {
    // The composer still holds it.
  }
}

/** Forgets every draft: who signs in next may be somebody else. */
export function forgetDrafts(): void {
  for (const name of Object.keys(localStorage)) {
    if (/^pollux\.(draft|unsettled)\./.test(name)) localStorage.removeItem(name);
  }
}
