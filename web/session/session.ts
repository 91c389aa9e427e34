/**
 * Who is signed in. The access token lives in memory only; the refresh token where `refresh-token.ts` says. One
 * tab renews for all: they take turns under a lock and tell each other the token.
 */
import type { Tokens } from '../../contract/accounts.ts';
import { readProblem } from '../api/problem.ts';
import { send } from '../api/send.ts';
import { forgetDrafts } from '../chat/drafts.ts';
import { forgetRefreshToken, keepRefreshToken, refreshBody, sessionHeaders } from './refresh-token.ts';

export type SessionState = 'unknown' | 'signed-in' | 'signed-out';

type Word = { readonly kind: 'token'; readonly token: string } | { readonly kind: 'ask' } | { readonly kind: 'ended' };

/** How long a new tab waits for another to hand over the token before it renews for itself. */
const handOverMs = 60;

/** Set while this browser has a session: without it nobody is signed in, and the server need not be asked. */
const hint = 'pollux.session';

let token: string | null = null;
let state: SessionState = 'unknown';
const listeners = new Set<() => void>();
const channel = new BroadcastChannel('pollux.session');

channel.addEventListener('message', ({ data }: MessageEvent<Word>) => {
  if (data.kind === 'token') become('signed-in', data.token);
  else if (data.kind === 'ended') become('signed-out', null);
  else if (token !== null) tell({ kind: 'token', token });
});

function tell(word: Word): void {
  channel.postMessage(word);
}

function become(next: SessionState, nextToken: string | null): void {
  token = nextToken;
  if (state === next) return;
  state = next;
  for (const listener of listeners) listener();
}

export const session = {
  get state(): SessionState {
    return state;
  },
  /** Calls `listener` whenever somebody signs in or out, here or in another tab; returns the way to stop. */
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** Finds out whether somebody is signed in: asks other tabs, then the cookie. Throws `Unreachable` when offline. */
export async function restore(): Promise<void> {
  if (state !== 'unknown') return;
  tell({ kind: 'ask' });
  await new Promise((resolve) => setTimeout(resolve, handOverMs));
  if (token !== null) return;
  if (localStorage.getItem(hint) === null) become('signed-out', null);
  else await renewUnderLock(null);
}

/** The token for the next request; null when nobody is signed in. */
export async function authorize(): Promise<string | null> {
  if (token === null && state !== 'signed-out') await restore();
  return token;
}

/** The token to repeat a refused request with. Throws that request's problem when the session has ended. */
export async function renew(refused: Response): Promise<string | null> {
  const renewed = await renewUnderLock(token);
  if (renewed === null) throw await readProblem(refused);
  return renewed;
}

/** Renews unless another tab did so while this one waited for its turn; null when the session has ended. */
async function renewUnderLock(stale: string | null): Promise<string | null> {
  return navigator.locks.request('pollux.session', async () => {
    if (token !== stale && token !== null) return token;
    const response = await send('POST', '/auth/refresh', null, { headers: sessionHeaders, body: refreshBody() });
    if (response.ok) return accept((await response.json()) as Tokens);
    if (response.status !== 401 && response.status !== 422) throw await readProblem(response);
    end();
    return null;
  });
}

function accept(tokens: Tokens): string {
  const { access_token } = tokens;
  keepRefreshToken(tokens);
  localStorage.setItem(hint, '1');
  become('signed-in', access_token);
  tell({ kind: 'token', token: access_token });
  return access_token;
}

/** Trades a code for a session. Throws `ApiProblem` for a wrong code. */
export async function signIn(number: string, code: string): Promise<void> {
  const body = { mobile_number: number, otp: code };
  const response = await send('POST', '/auth/verify-otp', null, { headers: sessionHeaders, body });
  if (!response.ok) throw await readProblem(response);
  accept((await response.json()) as Tokens);
}

/** Ends the session here, in every other tab, and on the server. */
export async function signOut(): Promise<void> {
  const response = await send('POST', '/auth/logout', token, { headers: sessionHeaders });
  if (!response.ok && response.status !== 401) throw await readProblem(response);
  forgetDrafts();
  end();
}

/** Forgets the session without asking the server, which has ended it already. */
function end(): void {
  localStorage.removeItem(hint);
  forgetRefreshToken();
  become('signed-out', null);
  tell({ kind: 'ended' });
}
