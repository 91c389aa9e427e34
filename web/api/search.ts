/** API call for the search over all messages. */
import type { SearchHit } from '../../contract/search.ts';
import { readPage } from './rooms.ts';

/** A page of hits, best first. `path` is the `next` of the page before; null for the first. */
export const searchMessages = (words: string, path: string | null, signal: AbortSignal) =>
  readPage<SearchHit>(path ?? `/search?q=${encodeURIComponent(words)}`, signal);
