/** Sends one request to an operation and reads the answer; of a stream only the head. */
import type { Answer } from '../client.ts';

export interface Sending {
  readonly method: string;
  /** Including the query. */
  readonly path: string;
  /** Access token; null to send none. */
  readonly token: string | null;
  /** Sent as JSON unless it is text or bytes. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export async function send(url: string, { method, path, token, body, headers }: Sending): Promise<Answer> {
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && {
      body: raw ? (body as ConstructorParameters<typeof Response>[0]) : JSON.stringify(body),
    }),
  });
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream')) {
    await response.body?.cancel();
    return { status: response.status, headers: response.headers, body: '' };
  }
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: /json/.test(type) ? JSON.parse(text) : text };
}
