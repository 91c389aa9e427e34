/**
 * Links of shared chats. A token is a random handle, by which the row is found, and its keyed hash, so that neither a copy of
 * the database nor a restored one yields a link, and the owner can still see it again.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Keys } from '../accounts/keys.ts';

export const pagePath = '/app/shared/';

const handleBytes = 16;
const handleLength = 22;
const token = /^[\w-]{65}$/;

export function randomHandle(): string {
  return randomBytes(handleBytes).toString('base64url');
}

export function tokenOf(keys: Keys, handle: string): string {
  return handle + keys.shareProof(handle);
}

/** The handle of a token; null unless the token was made with one of the secrets. */
export function handleOf(keys: Keys, written: string): string | null {
  if (!token.test(written)) return null;
  const [handle, proof] = [written.slice(0, handleLength), written.slice(handleLength)];
  return keys.isShareProof(proof, handle) ? handle : null;
}

/**
 * Where this request reached the server. The scheme is the public one's if that names the same host, since a proxy may not
 * tell it.
 */
export function originOf({ protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>, publicUrl: string): string {
  const own = new URL(publicUrl);
  return host === '' || host === own.host ? own.origin : `${protocol}://${host}`;
}
