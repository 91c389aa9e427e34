/** Reads shared chats by the token of their link. */
import { LRUCache } from 'lru-cache';
import type { SharedMessage } from '../../contract/shares.ts';
import type { Keys } from '../accounts/keys.ts';
import type { Database } from '../ports/database.ts';
import { notFound } from '../problems/problem.ts';
import { handleOf } from './link.ts';
import { sharedPage } from './page.ts';
import type { Render } from './render.ts';
import { findShared, readSharedText } from './store.ts';

interface ReadDeps {
  readonly db: Database;
  readonly keys: Keys;
}

/** The frozen copy as JSON. Throws `not_found`. */
export async function readShared({ db, keys }: ReadDeps, token: string): Promise<string> {
  const shared = await find({ db, keys }, token);
  const messages = await readText(db, shared.id);
  return `{"name":${JSON.stringify(shared.name)},"created_at":"${shared.createdAt.toISOString()}","messages":${messages}}`;
}

/** Cache of a process for recently requested pages. */
const pagesBytes = 16 * 1024 * 1024;

export type ReadPage = (token: string, language: string) => Promise<Buffer>;

/** Returns the reader of pages. It caches rendered pages, and checks each time whether the share still exists. Throws `not_found`. */
export function pageReader(deps: ReadDeps, render: Render): ReadPage {
  const pages = new LRUCache<string, Buffer>({ maxSize: pagesBytes, sizeCalculation: ({ length }) => length });
  return async (token, language) => {
    const shared = await find(deps, token);
    const key = `${shared.id} ${language}`;
    const known = pages.get(key);
    if (known) return known;
    const messages = JSON.parse(await readText(deps.db, shared.id)) as SharedMessage[];
    const answers = await render(messages.filter((one) => !one.is_from_user).map(({ content }) => content));
    const page = Buffer.from(sharedPage(shared, messages, answers.html, language));
    if (answers.final) pages.set(key, page);
    return page;
  };
}

async function find({ db, keys }: ReadDeps, token: string) {
  const handle = handleOf(keys, token);
  return (handle === null ? null : await findShared(db, handle)) ?? missing();
}

async function readText(db: Database, id: number): Promise<string> {
  return (await readSharedText(db, id)) ?? missing();
}

function missing(): never {
  throw notFound();
}
