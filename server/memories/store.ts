/** SQL for memories and settings. Every statement filters by owner. */
import type { UserSettings, UserSettingsChange } from '../../contract/memories.ts';
import type { Connection, Statement } from '../ports/database.ts';

export interface MemoryRow {
  readonly id: number;
  readonly content: string;
  readonly createdAt: Date;
}

const columns = `id, content, created_at as "createdAt"`;

const list: Statement<MemoryRow> = {
  name: 'memories_all',
  text: `select ${columns} from memories where user_id = $1 order by id`,
};

/** Oldest first. */
export function listMemories(db: Connection, userId: number): Promise<MemoryRow[]> {
  return db.run(list, [userId]);
}

const lockAccount: Statement<never> = {
  name: 'memories_lock',
  text: `select id from users where id = $1 for no key update`,
};

/** Makes concurrent additions of an account wait for each other until the transaction ends. */
export async function lockMemories(tx: Connection, userId: number): Promise<void> {
  await tx.run(lockAccount, [userId]);
}

const add: Statement<MemoryRow> = {
  name: 'memory_add',
  text: `insert into memories (user_id, content) select $1, $2
    where (select count(*) from memories where user_id = $1) < $3 returning ${columns}`,
};

/** Null at the limit, which is exact only after `lockMemories` in the same transaction. */
export async function insertMemory(
  tx: Connection,
  userId: number,
  content: string,
  atMost: number,
): Promise<MemoryRow | null> {
  const rows = await tx.run(add, [userId, content, atMost]);
  return rows[0] ?? null;
}

const change: Statement<MemoryRow> = {
  name: 'memory_change',
  text: `update memories set content = $3 where id = $2 and user_id = $1 returning ${columns}`,
};

export async function changeMemory(
  db: Connection,
  userId: number,
  id: number,
  content: string,
): Promise<MemoryRow | null> {
  const rows = await db.run(change, [userId, id, content]);
  return rows[0] ?? null;
}

const remove: Statement<{ id: number }> = {
  name: 'memory_delete',
  text: `delete from memories where id = $2 and user_id = $1 returning id`,
};

export async function deleteMemory(db: Connection, userId: number, id: number): Promise<boolean> {
  return (await db.run(remove, [userId, id])).length > 0;
}

const settings = `instructions, memory_enabled, language, push_quiet`;

const readOne: Statement<UserSettings> = {
  name: 'user_settings_of',
  text: `select ${settings} from user_settings where user_id = $1`,
};

const defaults: UserSettings = { instructions: null, memory_enabled: true, language: null, push_quiet: null };

export async function readSettings(db: Connection, userId: number): Promise<UserSettings> {
  const rows = await db.run(readOne, [userId]);
  return rows[0] ?? defaults;
}

/** For each setting: whether it is given, and its value. */
const write: Statement<UserSettings> = {
  name: 'user_settings_change',
  text: `insert into user_settings as kept (user_id, instructions, memory_enabled, language, push_quiet)
    values ($1, $3, coalesce($4, true), $6, $8::text::jsonb)
    on conflict (user_id) do update set
      instructions = case when $2 then excluded.instructions else kept.instructions end,
      memory_enabled = coalesce($4, kept.memory_enabled),
      language = case when $5 then excluded.language else kept.language end,
      push_quiet = case when $7 then excluded.push_quiet else kept.push_quiet end
    returning ${settings}`,
};

export async function changeSettings(
  db: Connection,
  userId: number,
  { instructions, memory_enabled, language, push_quiet }: UserSettingsChange,
): Promise<UserSettings> {
  const rows = await db.run(write, [
    userId,
    instructions !== undefined,
    instructions ?? null,
    memory_enabled ?? null,
    language !== undefined,
    language ?? null,
    push_quiet !== undefined,
    push_quiet ? JSON.stringify(push_quiet) : null,
  ]);
  return rows[0]!;
}

export interface InstructionsAndMemories {
  readonly userId: number;
  /** Null if there are none. */
  readonly instructions: string | null;
  /** Oldest first; empty while they are switched off. */
  readonly memories: readonly string[];
}

const known: Statement<InstructionsAndMemories> = {
  name: 'memories_for_prompts',
  text: `select u.id as "userId", s.instructions, coalesce((
      select array_agg(m.content order by m.id) from memories m where m.user_id = u.id and coalesce(s.memory_enabled, true)
    ), '{}') as memories
    from users u left join user_settings s on s.user_id = u.id where u.id = any ($1::bigint[])`,
};

/**
 * What questions of these accounts are sent with. Bounded by the limits of instructions and memories: 54,000 characters an
 * account, so 216,000 bytes.
 */
export function readInstructionsAndMemories(
  db: Connection,
  userIds: readonly number[],
): Promise<InstructionsAndMemories[]> {
  return db.run(known, [userIds]);
}
