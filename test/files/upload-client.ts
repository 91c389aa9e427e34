/** Uploads as clients send them, with `fetch` and a form. */
import type { Answer, Client } from '../client.ts';

export interface Sending {
  readonly name?: string;
  /** Name of the part. */
  readonly part?: string;
}

/** Uploads bytes as this user. */
export async function upload(
  url: string,
  user: Client,
  bytes: Uint8Array<ArrayBuffer> | string,
  { name = 'notes.txt', part = 'file' }: Sending = {},
): Promise<Answer> {
  const form = new FormData();
  form.append(part, new Blob([bytes]), name);
  return sendForm(url, user, form);
}

export async function sendForm(url: string, user: Client, form: FormData): Promise<Answer> {
  const headers = { authorization: `Bearer ${user.tokens.access_token}` };
  const response = await fetch(`${url}/uploads`, { method: 'POST', headers, body: form });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The content, or a part of it. */
export async function download(
  url: string,
  id: number,
  { user, range, query = '' }: { user?: Client; range?: string; query?: string } = {},
) {
  const response = await fetch(`${url}/uploads/${id}/content${query}`, {
    headers: {
      ...(user && { authorization: `Bearer ${user.tokens.access_token}` }),
      ...(range !== undefined && { range }),
    },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}
