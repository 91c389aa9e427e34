/** Calls the API with the user's token; after a 401 the token is renewed and the call repeated once. */
import { authorize, renew } from '../session/session.ts';
import { readProblem } from './problem.ts';
import { send, type CallOptions, type Method } from './send.ts';

/** The body of a 2xx response. Throws `ApiProblem`, or `Unreachable` without a response. */
export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const response = await callForResponse(method, path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** A 2xx response, for callers that need its headers. Throws like `call`. */
export async function callForResponse(method: Method, path: string, options: CallOptions = {}): Promise<Response> {
  const first = await send(method, path, await authorize(), options);
  const response = first.status === 401 ? await send(method, path, await renew(first), options) : first;
  if (!response.ok) throw await readProblem(response);
  return response;
}
