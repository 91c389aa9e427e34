/** One request as it is, with or without a token. */
import { i18n } from '@lingui/core';
import { Unreachable } from './problem.ts';

/** Where the API answers: empty for this origin, otherwise the one that `npm run build:web` was given. */
export const apiBase: string = import.meta.env.VITE_API_URL ?? '';

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Lets a request finish after the page was closed. */
  readonly keepalive?: boolean;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Sends one request as it is; throws `Unreachable` when no answer came. */
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
        // The server explains its problems in the language that is shown.
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
