/** API calls for files. */
import { i18n } from '@lingui/core';
import type { StorageUse } from '../../contract/storage.ts';
import type { Upload } from '../../contract/uploads.ts';
import { authorize, renew } from '../session/session.ts';
import { readProblem, Unreachable } from './problem.ts';
import { call, callForResponse } from './request.ts';
import { readPage } from './rooms.ts';
import { apiBase } from './send.ts';

export interface Uploading {
  /** A repeat with the same key is the same file. */
  readonly key: string;
  readonly signal: AbortSignal;
  /** The part that was sent, 0 to 1. */
  readonly onProgress: (part: number) => void;
}

/** Uploads a file. Throws like `call`. */
export async function uploadFile(file: File, uploading: Uploading): Promise<Upload> {
  const first = await post(file, await authorize(), uploading);
  const response = first.status === 401 ? await post(file, await renew(first), uploading) : first;
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as Upload;
}

/** One request; `fetch` does not report how much of a body was sent. */
function post(file: File, token: string | null, { key, signal, onProgress }: Uploading): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const request = new XMLHttpRequest();
  const giveUp = () => request.abort();
  request.open('POST', `${apiBase}/uploads`);
  request.setRequestHeader('accept-language', i18n.locale);
  request.setRequestHeader('idempotency-key', key);
  if (token !== null) request.setRequestHeader('authorization', `Bearer ${token}`);
  request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total));
  request.addEventListener('load', () => {
    const retryAfter = request.getResponseHeader('retry-after');
    const headers = new Headers(retryAfter === null ? [] : [['retry-after', retryAfter]]);
    resolve(new Response(request.responseText, { status: request.status, headers }));
  });
  request.addEventListener('error', () => reject(new Unreachable('The server cannot be reached.')));
  request.addEventListener('abort', () => reject(signal.reason as Error));
  request.addEventListener('loadend', () => signal.removeEventListener('abort', giveUp));
  signal.throwIfAborted();
  signal.addEventListener('abort', giveUp);
  const form = new FormData();
  form.append('file', file, file.name);
  request.send(form);
  return promise;
}

export const readUpload = (id: number, signal?: AbortSignal) =>
  call<Upload>('GET', `/uploads/${id}`, { ...(signal && { signal }) });

export async function readContent(id: number, signal?: AbortSignal): Promise<Blob> {
  return (await callForResponse('GET', `/uploads/${id}/content`, { ...(signal && { signal }) })).blob();
}

export async function readPreview(id: number): Promise<Blob> {
  return (await callForResponse('GET', `/uploads/${id}/preview`)).blob();
}

/** The files of the account, newest first. */
export const listUploads = (path: string | null, signal: AbortSignal) =>
  readPage<Upload>(path ?? '/uploads?limit=50', signal);

/** The space that they take, and the limits of the plan. */
export const readStorage = (signal: AbortSignal) => call<StorageUse>('GET', '/user/storage', { signal });

export const deleteUpload = (id: number, options: { keepalive?: boolean } = {}) =>
  call<void>('DELETE', `/uploads/${id}`, options);
