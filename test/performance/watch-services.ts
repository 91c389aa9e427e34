/** Records every SQL statement of this process and every command that a Redis receives. */
import { Redis } from 'ioredis';
import { Client } from 'pg';

export interface Watched extends AsyncDisposable {
  /** Names of statements, or their text when they have none, since the last `clear`. */
  readonly sql: () => string[];
  /** Commands in lower case, without those inside scripts. */
  readonly redis: () => string[];
  clear(): void;
}

/** Statements that run periodically. */
const onAClock =
  /^(sessions_changes_since|worker_beat|reply_claim|reply_held|reply_checkpoint|rescue_\w+|model_probe|reply_backlog|catalog_newest_id)$/;
const redisOnAClock = new Set(['ping', 'info', 'client', 'hello', 'llen', 'blmpop']);

/** Watches all of this process's connections to PostgreSQL, and the Redis at `redisUrl`. */
export async function watchServices(redisUrl: string): Promise<Watched> {
  const sql: string[] = [];
  const commands: string[] = [];
  const { query } = Client.prototype;
  Client.prototype.query = function watchedQuery(this: Client, ...args: unknown[]) {
    const [first] = args as [string | { name?: string; text: string }];
    sql.push(typeof first === 'string' ? first : first.name || first.text);
    return (query as (...args: unknown[]) => unknown).apply(this, args);
  } as typeof query;
  const client = new Redis(redisUrl);
  const monitor = await client.monitor();
  monitor.on('monitor', (_time: string, [command]: string[], source: string) => {
    if (source !== 'lua') commands.push(command!.toLowerCase());
  });
  return {
    sql: () => sql.filter((name) => !onAClock.test(name)),
    redis: () => commands.filter((name) => !redisOnAClock.has(name)),
    clear() {
      sql.length = 0;
      commands.length = 0;
    },
    async [Symbol.asyncDispose]() {
      Client.prototype.query = query;
      monitor.disconnect();
      client.disconnect();
    },
  };
}
