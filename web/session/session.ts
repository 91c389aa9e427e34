/**
 * The session. The access token is kept in memory only, the refresh token as described in `refresh-token.ts`. One
 * tab renews for all: a lock serialises renewals, and the token is sent to the other tabs.
 */
import type { Tokens } from '../../contract/accounts.ts';
import { readProblem } from '../api/problem.ts';
import { send } from '../api/send.ts';
import { forgetDrafts } from '../chat/drafts.ts';
import { forgetRefreshToken, keepRefreshToken, refreshBody, sessionHeaders } from './refresh-token.ts';

export type SessionState = 'unknown' | 'signed-in' | 'signed-out';

/** Why there is no session any more: signed out from elsewhere, the account deleted, or refused by the server. */
export type SessionEnd = 'signed_out' | 'account_deleted' | 'expired';

type Word =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'ask' }
  | { readonly kind: 'ended'; readonly end: SessionEnd };

/** How long a new tab waits for a token from another tab before it renews itself. */
const handOverMs = 60;

/** Set while this browser has a session; without it no request is needed to know that there is none. */
const hint = 'pollux.session';

let token: string | null = null;
let state: SessionState = 'unknown';
let ended: SessionEnd | null = null;
/** The user signs out here: the server's event about it is not news. */
let leaving = false;
const listeners = new Set<() => void>();
const channel = new BroadcastChannel('pollux.session');

channel.addEventListener('message', ({ data }: MessageEvent<Word>) => {
  if (data.kind === 'token') become('signed-in', data.token);
  else if (data.kind === 'ended') become('signed-out', null, data.end);
  else if (token !== null) tell({ kind: 'token', token });
});

function tell(word: Word): void {
  channel.postMessage(word);
}

function become(next: SessionState, nextToken: string | null, end: SessionEnd | null = null): void {
  token = nextToken;
  if (state === next) return;
  state = next;
  ended = leaving ? null : end;
  for (const listener of listeners) listener();
}

export const session = {
  get state(): SessionState {
    return state;
  },
  /** Why the last session ended; null after signing out here, and before any session. */
  get ended(): SessionEnd | null {
    return ended;
  },
  /** Calls `listener` after sign-in and sign-out in any tab; returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** Restores the session: from other tabs, otherwise with the refresh token. Throws `Unreachable` when offline. */
export async function restore(): Promise<void> {
  if (state !== 'unknown') return;
  tell({ kind: 'ask' });
  await new Promise((resolve) => setTimeout(resolve, handOverMs));
  if (token !== null) return;
  if (localStorage.getItem(hint) === null) become('signed-out', null);
  else await renewUnderLock(null);
}

/** The token for the next request; null without a session. */
export async function authorize(): Promise<string | null> {
  if (token === null && state !== 'signed-out') await restore();
  return token;
}

/** A new token to repeat a refused request. Throws that request's problem if the session has ended. */
export async function renew(refused: Response): Promise<string | null> {
  const renewed = await renewUnderLock(token);
  if (renewed === null) throw await readProblem(refused);
  return renewed;
}

/** Renews, unless another tab did while this one waited for the lock; null if the session has ended. */
async function renewUnderLock(stale: string | null): Promise<string | null> {
  return navigator.locks.request('pollux.session', async () => {
    if (token !== stale && token !== null) return token;
    const response = await send('POST', '/auth/refresh', null, { headers: sessionHeaders, body: refreshBody() });
    if (response.ok) return accept((await response.json()) as Tokens);
    if (response.status !== 401 && response.status !== 422) throw await readProblem(response);
    end('expired');
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

/** Exchanges a code for a session. Throws `ApiProblem` for a wrong code. */
export async function signIn(number: string, code: string): Promise<void> {
  const body = { mobile_number: number, otp: code };
  const response = await send('POST', '/auth/verify-otp', null, { headers: sessionHeaders, body });
  if (!response.ok) throw await readProblem(response);
  accept((await response.json()) as Tokens);
}

/** Ends the session here, in every other tab, and on the server. */
export async function signOut(): Promise<void> {
  leaving = true;
  try {
    const response = await send('POST', '/auth/logout', token, { headers: sessionHeaders });
    if (!response.ok && response.status !== 401) throw await readProblem(response);
    endSession('signed_out');
  } finally {
    leaving = false;
  }
}

/** Discards the session, which the server has ended, and the user's drafts: another user may sign in next. */
export function endSession(reason: SessionEnd): void {
  forgetDrafts();
  end(reason);
}

/** Discards the session only, so that drafts survive one that expired. */
function end(reason: SessionEnd): void {
  localStorage.removeItem(hint);
  forgetRefreshToken();
  become('signed-out', null, reason);
  tell({ kind: 'ended', end: reason });
}
