/** Calls the API as the signed-in person; a token that ended is renewed once and the call repeated. */
import { authorize, renew } from '../session/session.ts';
import { readProblem } from './problem.ts';
import { send, type CallOptions, type Method } from './send.ts';

/** The body of a 2xx answer. Throws `ApiProblem`, or `Unreachable` when no answer came. */
export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const response = await callForResponse(method, path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** A 2xx answer itself, for those whose headers matter. Throws as `call` does. */
export async function callForResponse(method: Method, path: string, options: CallOptions = {}): Promise<Response> {
  const first = await send(method, path, await authorize(), options);
  const response = first.status === 401 ? await send(method, path, await renew(first), options) : first;
  if (!response.ok) throw await readProblem(response);
  return response;
}
