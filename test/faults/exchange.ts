/** One HTTP request to a product that may be killed meanwhile. */
import type { Answer } from '../client.ts';

export interface Sending {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly timeoutMs?: number;
}

/** Returns the whole answer, or null when the connection was refused or cut, or timed out. */
export async function exchange(method: string, url: string, options: Sending = {}): Promise<Answer | null> {
  const { body, token, headers, timeoutMs = 20_000 } = options;
  try {
    const response = await fetch(url, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  } catch {
    return null;
  }
}

/** The fault of a refusal during an outage; null for 503 with a problem document and Retry-After. */
export function oddRefusal({ status, headers, body }: Answer): string | null {
  if (status !== 503) return `${status} ${body?.code ?? JSON.stringify(body).slice(0, 200)}`;
  if (!headers.get('content-type')?.startsWith('application/problem+json')) return '503 without problem+json';
  return headers.has('retry-after') ? null : '503 without Retry-After';
}
