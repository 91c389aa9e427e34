/** Events in the language that the client of a connection requested. */
import type { FeedEvent } from '../../contract/events.ts';
import { inLanguage } from '../languages/failed-reply.ts';
import { uploadInLanguage } from '../languages/failed-upload.ts';
import type { FeedEntry } from '../ports/feed.ts';

/** One entry goes to many connections: it is translated once a language, and forgotten with the entry. */
const translated = new WeakMap<FeedEntry, Map<string, FeedEntry>>();

/** The entry itself, unless it holds a sentence of ours in another language. */
export function entryInLanguage(entry: FeedEntry, language: string): FeedEntry {
  // Workers write English.
  if (language === 'en' || !(entry.type === 'reply.failed' || entry.type === 'upload.updated')) return entry;
  const known = translated.get(entry) ?? new Map<string, FeedEntry>();
  translated.set(entry, known);
  const made = known.get(language) ?? translate(entry, language);
  known.set(language, made);
  return made;
}

function translate(entry: FeedEntry, language: string): FeedEntry {
  const event = JSON.parse(entry.data) as Extract<FeedEvent, { type: 'reply.failed' | 'upload.updated' }>;
  const said =
    event.type === 'reply.failed'
      ? { ...event, message: inLanguage(event.message, language) }
      : { ...event, upload: uploadInLanguage(event.upload, language) };
  return { ...entry, data: JSON.stringify(said) };
}
