/** Drafts of each room, stored across reloads and sign-in. */

const prefix = 'pollux.draft.';
/** Longer than any message the server accepts. */
const longest = 40_000;

/** The draft of a room, or of a new chat. */
export function readDraft(room: number | 'new'): string {
  return localStorage.getItem(prefix + room) ?? '';
}

/** Stores a draft; an empty one is removed. If storage is full or unavailable, only the draft is lost. */
export function keepDraft(room: number | 'new', value: string): void {
  try {
    if (value === '') localStorage.removeItem(prefix + room);
    else localStorage.setItem(prefix + room, value.slice(0, longest));
  } catch {
    // The composer still contains it.
  }
}

/** Deletes all drafts, since another user may sign in next. */
export function forgetDrafts(): void {
  for (const name of Object.keys(localStorage)) {
    if (/^pollux\.(draft|unsettled)\./.test(name)) localStorage.removeItem(name);
  }
}
