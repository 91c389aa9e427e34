/** Drafts of each room, of edited questions and of the instructions, stored across reloads and sign-in. */
import { forgetAttached } from '../files/attached.ts';

const prefix = 'pollux.draft.';
/** Longer than any message the server accepts. */
const longest = 40_000;

/** The draft of an edit of this question. */
export const editOf = (messageId: number) => `edit.${messageId}` as const;

type DraftPlace = number | 'new' | 'instructions' | ReturnType<typeof editOf>;

/** The draft of a room, of a new chat, of an edited question, or of the instructions. */
export function readDraft(place: DraftPlace): string {
  return localStorage.getItem(prefix + place) ?? '';
}

/** Stores a draft; an empty one is removed. If storage is full or unavailable, only the draft is lost. */
export function keepDraft(place: DraftPlace, value: string): void {
  try {
    if (value === '') localStorage.removeItem(prefix + place);
    else localStorage.setItem(prefix + place, value.slice(0, longest));
  } catch {
    // The field still contains it.
  }
}

/** Deletes all drafts, since another user may sign in next. */
export function forgetDrafts(): void {
  forgetAttached();
  for (const name of Object.keys(localStorage)) {
    if (/^pollux\.(draft|unsettled)\./.test(name)) localStorage.removeItem(name);
  }
}
