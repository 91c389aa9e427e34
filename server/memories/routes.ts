/** HTTP routes for memories and settings. */
import { replayedHeaders } from '../../contract/endpoint.ts';
import * as contract from '../../contract/memories.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import type { Serve } from '../http/serve.ts';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import { addMemory } from './add-memory.ts';
import { presentMemory } from './present.ts';
import { changeMemory, changeSettings, deleteMemory, listMemories, readSettings } from './store.ts';

export interface MemoryDeps {
  readonly db: Database;
  readonly feed: Feed;
}

export function serveMemories(serve: Serve, { db, feed }: MemoryDeps): void {
  const announce = (userId: number, what: 'memories' | 'settings') =>
    feed.publish(userId, [{ type: 'user.changed', what }]);

  serve(contract.listMemories, async ({ caller }) => {
    const rows = await listMemories(db, caller.userId);
    return rows.map(presentMemory);
  });

  serve(contract.addMemory, async ({ caller, body, requestKey, reply }) => {
    const { created: memory, replayed } = await addMemory(db, caller.userId, body.content, requestKey);
    if (replayed) reply.headers(replayedHeaders);
    else announce(caller.userId, 'memories');
    reply.header('location', `/user/memories/${memory.id}`);
    return memory;
  });

  serve(contract.changeMemory, async ({ caller, params, body }) => {
    const row = await changeMemory(db, caller.userId, params.memory_id, body.content);
    if (row === null) throw notFound();
    announce(caller.userId, 'memories');
    return presentMemory(row);
  });

  serve(contract.deleteMemory, async ({ caller, params }) => {
    if (!(await deleteMemory(db, caller.userId, params.memory_id))) throw notFound();
    announce(caller.userId, 'memories');
    return undefined;
  });

  serve(contract.readSettings, ({ caller }) => readSettings(db, caller.userId));

  serve(contract.changeSettings, async ({ caller, body }) => {
    if (body.push_quiet && !isTimeZone(body.push_quiet.time_zone))
      throw new ProblemError('validation_failed', {
        errors: [{ pointer: '/push_quiet/time_zone', sentence: 'time-zone' }],
      });
    const settings = await changeSettings(db, caller.userId, body);
    announce(caller.userId, 'settings');
    return settings;
  });
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
