/**
 * Storage of the refresh token. On the API's origin: a cookie that scripts cannot read. With an API on another origin browsers
 * send no such cookie (`SameSite=Strict`), so it is kept in this origin's storage; it is protected there by the page's
 * policy, and that each token works once and a second use ends the session (RFC 9700, section 4.14.2).
 */
import type { Tokens } from '../../contract/accounts.ts';
import { apiBase } from '../api/send.ts';

const isRemote = apiBase !== '';
const key = 'pollux.refresh-token';

export const sessionHeaders: Readonly<Record<string, string>> = isRemote ? {} : { 'x-session': 'cookie' };

/** The body of a request for new tokens. */
export function refreshBody(): { refresh_token?: string } {
  const kept = isRemote ? localStorage.getItem(key) : null;
  return kept === null ? {} : { refresh_token: kept };
}

export function keepRefreshToken({ refresh_token }: Tokens): void {
  if (isRemote && refresh_token !== undefined) localStorage.setItem(key, refresh_token);
}

export function forgetRefreshToken(): void {
  localStorage.removeItem(key);
}
