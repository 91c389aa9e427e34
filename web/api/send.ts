/** Sends a single request, with or without a token. */
import { i18n } from '@lingui/core';
import { Unreachable } from './problem.ts';

/** Origin of the API, set by `npm run build:web`; empty for the same origin. */
export const apiBase: string = import.meta.env.VITE_API_URL ?? '';

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Lets a request finish after the page is closed. */
  readonly keepalive?: boolean;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Sends one request without retries; throws `Unreachable` without a response. */
export async function send(
  method: Method,
  path: string,
  token: string | null,
  { body, headers, signal, keepalive }: CallOptions = {},
): Promise<Response> {
  try {
    return await fetch(apiBase + path, {
      method,
      headers: {
        // The server translates problems into the current language.
        ...(i18n.locale !== '' && { 'accept-language': i18n.locale }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
      ...(keepalive && { keepalive }),
      credentials: apiBase === '' ? 'same-origin' : 'omit',
      cache: 'no-cache',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable('The server cannot be reached.', { cause: error });
  }
}
