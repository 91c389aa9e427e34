/** Uploads as clients send them, with `fetch` and a form. */
import { vi } from 'vitest';
import type { FeedEvent } from '../../contract/events.ts';
import type { Upload } from '../../contract/uploads.ts';
import type { Answer, Client } from '../client.ts';
import type { RunningProduct } from '../harness.ts';
import type { Sql } from '../sql.ts';

export interface Sending {
  readonly name?: string;
  /** Name of the part. */
  readonly part?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Uploads bytes as this user. */
export async function upload(
  url: string,
  user: Client,
  bytes: Uint8Array<ArrayBuffer> | string,
  { name = 'notes.txt', part = 'file', headers }: Sending = {},
): Promise<Answer> {
  const form = new FormData();
  form.append(part, new Blob([bytes]), name);
  return sendForm(url, user, form, headers);
}

export async function sendForm(
  url: string,
  user: Client,
  form: FormData,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const headers = { authorization: `Bearer ${user.tokens.access_token}`, ...more };
  const response = await fetch(`${url}/uploads`, { method: 'POST', headers, body: form });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Whether an event tells about a file. */
export function isAbout(id: number): (event: FeedEvent) => boolean {
  return (event) => event.type === 'upload.updated' && event.upload.id === id;
}

/** The file in an event about it. */
export function uploadIn({ event }: { readonly event: FeedEvent }): Upload {
  if (event.type !== 'upload.updated') throw new Error(`an event of another type: ${event.type}`);
  return event.upload;
}

/** Keys of all bytes that rows name. */
export async function namedKeys(sql: Sql): Promise<string[]> {
  const rows = await sql<{ keys: string[] }>(
    `select array_remove(array[key, preview_key], null) as keys from files where status <> 'failed'`,
  );
  return rows.flatMap(({ keys }) => keys).toSorted();
}

/** Keys of all bytes that are stored. */
export async function storedKeys({ product }: RunningProduct): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of product.parts.storage.list()) keys.push(key);
  return keys.toSorted();
}

/** The file once it is ready or failed. */
export async function settled(user: Client, id: number): Promise<Answer['body']> {
  return vi.waitFor(
    async () => {
      const { body } = await user.call('GET', `/uploads/${id}`);
      if (body.status === 'processing') throw new Error('still processing');
      return body;
    },
    { timeout: 60_000, interval: 100 },
  );
}

/** The content, or a part of it. */
export async function download(
  url: string,
  id: number,
  { user, range, query = '', of = 'content' }: { user?: Client; range?: string; query?: string; of?: string } = {},
) {
  const response = await fetch(`${url}/uploads/${id}/${of}${query}`, {
    headers: {
      ...(user && { authorization: `Bearer ${user.tokens.access_token}` }),
      ...(range !== undefined && { range }),
    },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}
