/** Sends jobs in the caller's transaction. */
import type { PgBoss } from 'pg-boss';
import type { Connection } from '../ports/database.ts';
import { overConnection, queueOf } from './boss.ts';
import type { JobKind, Send } from './job.ts';

export interface Queues {
  /** Resolves when jobs of these kinds can be sent. */
  prepare(kinds: readonly JobKind[]): Promise<void>;
}

/**
 * Queues must be created before a transaction that sends to them: a lookup inside it would wait for the embedded database's only
 * connection, which the transaction holds.
 */
export function queuesOf(boss: PgBoss): Queues {
  const prepared = new Map<string, Promise<void>>();

  async function create(kind: JobKind): Promise<void> {
    const { policy, ...options } = queueOf(kind);
    await boss.createQueue(kind.name, { ...options, policy });
  }

  function prepare(kind: JobKind): Promise<void> {
    const known = prepared.get(kind.name) ?? create(kind);
    prepared.set(kind.name, known);
    known.catch(() => prepared.delete(kind.name));
    return known;
  }

  return { prepare: async (kinds) => void (await Promise.all(kinds.map(prepare))) };
}

/** Sends in a transaction; `sent` is called for each job. */
export function sendWith(boss: PgBoss, tx: Connection, sent: () => void): Send {
  const db = overConnection(tx);
  return async (kind, data) => {
    await boss.send(kind.name, data, { db, singletonKey: kind.key(data) });
    sent();
  };
}
