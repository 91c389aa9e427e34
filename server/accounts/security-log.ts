/** Security events: one log line each, with keyed hashes instead of numbers and addresses. */
import type { Logger } from 'pino';
import { clientRanges } from './client-range.ts';
import type { Keys } from './keys.ts';

export type SecurityEvent =
  | 'signed_in'
  | 'sign_in_failed'
  | 'network_locked'
  | 'number_locked'
  | 'refresh_reused'
  | 'account_deleted'
  | 'plan_changed'
  | 'role_changed'
  | 'account_blocked'
  | 'account_unblocked';

export interface SecurityFacts {
  readonly userId?: number;
  /** E.164; its keyed hash is logged. */
  readonly number?: string;
  /** Address of the client; the keyed hash of its network is logged. */
  readonly address?: string;
  /** Further details. Must not contain a number, address, code or token. */
  readonly details?: Readonly<Record<string, string>>;
}

export interface SecurityLog {
  record(event: SecurityEvent, facts: SecurityFacts): void;
}

/** Logged as warnings. */
const alarming = new Set<SecurityEvent>(['network_locked', 'number_locked', 'refresh_reused']);
/** 96 bits: no two numbers collide in practice. */
const hashLength = 16;

export function securityLog(log: Logger, keys: Pick<Keys, 'keyedHash'>): SecurityLog {
  const hashed = (text: string | undefined) =>
    text === undefined ? undefined : keys.keyedHash(text).slice(0, hashLength);
  return {
    record(event, { userId, number, address, details }) {
      const network = address === undefined ? undefined : clientRanges(address).at(-1);
      const line = { security: event, user_id: userId, number: hashed(number), network: hashed(network), ...details };
      log[alarming.has(event) ? 'warn' : 'info'](line, 'security event');
    },
  };
}
