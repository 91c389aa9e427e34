/** Concurrency limit for each account, or address, in this process; further requests wait in a bounded queue. */
import type { ServerResponse } from 'node:http';
import { ProblemError } from '../problems/problem.ts';

const retryAfterMs = 2000;

interface Account {
  handled: number;
  /** First in, first out. */
  readonly waiting: Set<PromiseWithResolvers<void>>;
}

export interface SlotLimits {
  readonly atOnce: number;
  /** Length of the queue for a slot. */
  readonly waiting: number;
  readonly waitAtMostMs: number;
  /** Reason of the `too_many_requests` problem. */
  readonly refusal: string;
}

/** Resolves once the request holds a slot, which is released when its response or connection ends. Throws `too_many_requests`. */
export type TakeSlot<Key = number> = (key: Key, answer: ServerResponse) => Promise<void> | undefined;

/** Slots for each account. A request is refused when the queue is full or the wait too long. */
export function accountSlots<Key = number>({ atOnce, waiting, waitAtMostMs, refusal }: SlotLimits): TakeSlot<Key> {
  const accounts = new Map<Key, Account>();

  function accountOf(key: Key): Account {
    const known = accounts.get(key);
    if (known) return known;
    const account = { handled: 0, waiting: new Set<PromiseWithResolvers<void>>() };
    accounts.set(key, account);
    return account;
  }

  function give(account: Account, key: Key): void {
    const [next] = account.waiting;
    if (next) {
      account.waiting.delete(next);
      next.resolve();
      return;
    }
    account.handled -= 1;
    if (account.handled === 0) accounts.delete(key);
  }

  async function wait(account: Account, answer: ServerResponse): Promise<void> {
    const turn = Promise.withResolvers<void>();
    const leave = () => {
      if (account.waiting.delete(turn)) turn.reject(refused(refusal));
    };
    account.waiting.add(turn);
    const timer = setTimeout(leave, waitAtMostMs);
    answer.once('close', leave);
    try {
      await turn.promise;
    } finally {
      clearTimeout(timer);
      answer.off('close', leave);
    }
  }

  return (key, answer) => {
    const account = accountOf(key);
    const holdUntilClose = () => {
      // The connection may have closed since the slot was handed over.
      if (answer.closed) give(account, key);
      else answer.once('close', () => give(account, key));
    };
    if (account.handled >= atOnce) {
      if (account.waiting.size >= waiting) throw refused(refusal);
      return wait(account, answer).then(holdUntilClose);
    }
    account.handled += 1;
    holdUntilClose();
    return undefined;
  };
}

function refused(reason: string): ProblemError {
  return new ProblemError('too_many_requests', { reason, retryAfterMs });
}
